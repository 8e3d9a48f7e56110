import { describe, expect, it } from "vitest";

import { type Picture, blurBehind } from "./blur";
import type { Mask } from "./mask";

const [WIDTH, HEIGHT] = [32, 18];
const RED = [255, 0, 0, 255];
const GREEN = [0, 255, 0, 255];

/** A green room; columns 12 to 19 hold a red person. */
function scene(): { picture: Picture; mask: Mask } {
  const isPerson = (index: number) => index % WIDTH >= 12 && index % WIDTH < 20;
  const all = Array.from({ length: WIDTH * HEIGHT }, (_, index) => index);
  return {
    picture: { width: WIDTH, height: HEIGHT, pixels: Uint8ClampedArray.from(all.flatMap((at) => (isPerson(at) ? RED : GREEN))) },
    mask: { width: WIDTH, height: HEIGHT, person: Uint8ClampedArray.from(all.map((at) => (isPerson(at) ? 255 : 0))) },
  };
}

const pixel = ({ width, pixels }: Picture, x: number, y: number) => [...pixels.slice((y * width + x) * 4, (y * width + x) * 4 + 4)];

describe("blur behind a person", () => {
  it("leaves no halo of the person around them", () => {
    const { picture, mask } = scene();
    const [red = 255, green = 0] = pixel(blurBehind(picture, mask, 3), 11, 9);
    expect(red).toBeLessThan(3);
    expect(green).toBeGreaterThan(252);
  });

  it("blurs what is there", () => {
    const { picture, mask } = scene();
    picture.pixels.set([0, 0, 0, 255], (9 * WIDTH + 4) * 4);
    const [, green = 0] = pixel(blurBehind(picture, mask, 3), 4, 9);
    expect(green).toBeGreaterThan(230);
  });

  it("keeps an even colour up to the borders", () => {
    const { picture, mask } = scene();
    mask.person.fill(0);
    picture.pixels.set(Array.from({ length: WIDTH * HEIGHT }, () => [10, 20, 30, 255]).flat());
    const blurred = blurBehind(picture, mask, 4);
    for (const [x, y] of [[0, 0], [31, 17], [16, 9]] as const) expect(pixel(blurred, x, y)).toEqual([10, 20, 30, 255]);
  });

  it("takes a mask of another size", () => {
    const { picture } = scene();
    const coarse: Mask = { width: 8, height: 2, person: Uint8ClampedArray.from([0, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0]) };
    expect(pixel(blurBehind(picture, coarse, 3), 2, 9)[1]).toBeGreaterThan(250);
  });

  it("shows something even where all is person", () => {
    const { picture, mask } = scene();
    mask.person.fill(255);
    expect(pixel(blurBehind(picture, mask, 3), 16, 9)[3]).toBe(255);
  });
});
