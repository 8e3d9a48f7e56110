import { describe, expect, it } from "vitest";

import { linkPieces } from "./links";

describe("links in what people write", () => {
  it("leaves the full stop out of the address", () => {
    expect(linkPieces("See https://example.org/a. Good?")).toEqual([
      { text: "See ", href: null },
      { text: "https://example.org/a", href: "https://example.org/a" },
      { text: ". Good?", href: null },
    ]);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "<b>bold</b>", "file:///etc/passwd"])("makes no link of %s", (text) => {
    expect(linkPieces(text).every((piece) => piece.href === null)).toBe(true);
  });

  it("loses nothing of the text", () => {
    const text = "a https://x.test/?q=<b> http:// b https://[bad https://y.test";
    expect(linkPieces(text).map((piece) => piece.text).join("")).toBe(text);
  });
});
