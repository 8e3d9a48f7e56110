import { describe, expect, it } from "vitest";

import { blurSize, cover, modelSize, pause, shrink } from "./geometry";

describe("sizes", () => {
  it("gives the model a small picture of the same shape", () => {
    expect(modelSize({ width: 1280, height: 720 })).toEqual({ width: 256, height: 144 });
    expect(modelSize({ width: 720, height: 1280 })).toEqual({ width: 144, height: 256 });
    expect(blurSize({ width: 1280, height: 720 })).toEqual({ width: 128, height: 72 });
  });

  it("never enlarges, and never comes to nothing", () => {
    expect(shrink({ width: 160, height: 90 }, 256)).toEqual({ width: 160, height: 90 });
    expect(shrink({ width: 4000, height: 1 }, 256)).toEqual({ width: 256, height: 1 });
  });

  it("cuts the middle out of a picture of another shape", () => {
    expect(cover({ width: 1280, height: 720 }, { width: 640, height: 360 })).toEqual({ x: 0, y: 0, width: 1280, height: 720 });
    expect(cover({ width: 1280, height: 720 }, { width: 360, height: 360 })).toEqual({ x: 280, y: 0, width: 720, height: 720 });
    expect(cover({ width: 100, height: 200 }, { width: 200, height: 100 })).toEqual({ x: 0, y: 75, width: 100, height: 50 });
  });
});

describe("the pace", () => {
  it("waits until the next frame is due, and not at all when it is late", () => {
    expect(pause(1000, 1010, 25)).toBe(30);
    expect(pause(1000, 1200, 25)).toBe(0);
  });
});
