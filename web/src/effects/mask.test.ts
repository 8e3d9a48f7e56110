import { describe, expect, it } from "vitest";

import { type Mask, calm, cutOut, smoothStep, soften } from "./mask";

const mask = (width: number, ...person: number[]): Mask => ({
  width,
  height: person.length / width,
  person: Uint8ClampedArray.from(person),
});

describe("the mask", () => {
  it("lets a small change in slowly and a large one at once", () => {
    const before = mask(2, 100, 0);
    expect([...calm(mask(2, 110, 255), before).person]).toEqual([104, 255]);
  });

  it("comes to rest at what the model keeps saying", () => {
    let now = mask(1, 90);
    for (let frame = 0; frame < 20; frame += 1) now = calm(mask(1, 120), now);
    expect(now.person[0]).toBeGreaterThanOrEqual(118);
  });

  it("begins anew when the picture has another size", () => {
    const turned = mask(1, 10, 20);
    expect(calm(turned, mask(2, 200, 200))).toBe(turned);
    expect(calm(turned, null)).toBe(turned);
  });

  it("shows nothing of what is surely background, and all of what is surely person", () => {
    const pixels = cutOut(mask(3, 60, 255, 170));
    expect([pixels[3], pixels[7]]).toEqual([0, 255]);
    expect(pixels[11]).toBeGreaterThan(0);
    expect(pixels[11]).toBeLessThan(255);
  });

  it("softens an outline and leaves what lies far from it", () => {
    const softened = soften(mask(4, 0, 0, 255, 255, 0, 0, 255, 255)).person;
    expect([...softened.slice(0, 4)]).toEqual([0, 64, 191, 255]);
  });

  it("steps smoothly and stays within its bounds", () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((value) => smoothStep(0.25, 0.75, value))).toEqual([0, 0, 0.5, 1, 1]);
  });
});
