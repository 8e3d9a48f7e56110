import { describe, expect, it } from "vitest";

import { troublesOf } from "./troubles";

describe("what is said of effects that don't work", () => {
  it("is nothing while they begin or work", () => {
    const status = { noiseFilter: "on", background: "starting" } as const;
    expect(troublesOf({ noiseFilter: true, background: "blur" }, status)).toEqual([]);
  });

  it("names each that is wanted", () => {
    const status = { noiseFilter: "unsupported", background: "no-webgl" } as const;
    expect(troublesOf({ noiseFilter: true, background: "blur" }, status)).toEqual([
      "effects.noise.unsupported",
      "effects.background.no-webgl",
    ]);
  });

  it("is nothing of what isn't wanted any more", () => {
    const status = { noiseFilter: "failed", background: "failed" } as const;
    expect(troublesOf({ noiseFilter: false, background: "off" }, status)).toEqual([]);
  });
});
