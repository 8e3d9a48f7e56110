import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

/** Every property of which there is one that follows the reading direction. */
const PHYSICAL = /^(left|right|(margin|padding|scroll-margin|scroll-padding)-(left|right)|border-(left|right)(-\w+)?|border-(top|bottom)-(left|right)-radius)$/;
/** The same for values. */
const ONE_SIDED: Record<string, RegExp> = {
  "text-align": /^(left|right)$/,
  float: /^(left|right)$/,
  clear: /^(left|right)$/,
};
/** As React's style props name them. */
const INLINE = /\b(margin|padding|border)(Left|Right)\w*:|\btextAlign: "(left|right)"/;

const root = join(import.meta.dirname, "..");
const files = readdirSync(root, { recursive: true, encoding: "utf8" });
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The declarations of a stylesheet with the number of their line. */
function declarations(css: string): { property: string; value: string; line: number }[] {
  const bare = css.replace(/\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  return [...bare.matchAll(/(?<=[{;]\s*)([\w-]+)\s*:\s*([^;{}]+)(?=[;}])/g)].map((match) => ({
    property: match[1] ?? "",
    value: (match[2] ?? "").trim(),
    line: bare.slice(0, match.index).split("\n").length,
  }));
}

function physical(css: string): string[] {
  return declarations(css)
    .filter(({ property, value }) => PHYSICAL.test(property) || ONE_SIDED[property]?.test(value))
    .map(({ property, value, line }) => `${line}: ${property}: ${value}`);
}

describe("stylesheets", () => {
  const sheets = files.filter((file) => file.endsWith(".css"));

  it.each(sheets)("%s names no side that changes with the reading direction", (file) => {
    expect(declarations(read(file)).length).toBeGreaterThan(0);
    expect(physical(read(file))).toEqual([]);
  });

  it("neither do styles set from components", () => {
    const components = files.filter((file) => file.endsWith(".tsx"));
    expect(components.length).toBeGreaterThan(10);
    expect(components.filter((file) => INLINE.test(read(file)))).toEqual([]);
  });

  it("are understood well enough to find what is forbidden", () => {
    const css = `.a { /* left: 0; */ margin-left: 1px; color: red }
      .b { text-align: right; transition: left 1s; .c { border-top-left-radius: 2px } }
      @media (min-width: 1px) { .d { inset-inline-start: 0; right: 0; } }`;
    expect(physical(css)).toEqual([
      "1: margin-left: 1px",
      "2: text-align: right",
      "2: border-top-left-radius: 2px",
      "3: right: 0",
    ]);
  });
});
