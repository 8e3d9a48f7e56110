/**
 * Blurs what is behind a person, and only that: pixels of the person count for nothing, so that no halo of their colours lies
 * around them. Pure.
 *
 * Three box blurs come close to a Gaussian one (Kovesi, "Fast Almost-Gaussian Filtering", 2010), at a cost that doesn't grow
 * with the radius.
 */

import type { Mask } from "./mask";

const ROUNDS = 3;

/** A small picture, RGBA row by row. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** The picture without the person, blurred over `radius` pixels of it. The mask may have another size. */
export function blurBehind({ width, height, pixels }: Picture, mask: Mask, radius: number): Picture {
  // Red, green, blue and weight, colours multiplied by the weight.
  let now = new Float32Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(((y + 0.5) * mask.height) / height) * mask.width;
    for (let x = 0; x < width; x += 1) {
      const said = mask.person[row + Math.floor(((x + 0.5) * mask.width) / width)] ?? 0;
      // Never quite nothing: where all is person, at least something is there to see.
      const weight = Math.max(0.001, 1 - said / 64);
      const at = (y * width + x) * 4;
      for (let channel = 0; channel < 3; channel += 1) now[at + channel] = (pixels[at + channel] ?? 0) * weight;
      now[at + 3] = weight;
    }
  }
  let next = new Float32Array(now.length);
  for (let round = 0; round < ROUNDS; round += 1) {
    boxBlur(now, next, { lines: height, lineStep: width * 4, length: width, step: 4, radius });
    boxBlur(next, now, { lines: width, lineStep: 4, length: height, step: width * 4, radius });
  }
  const blurred = new Uint8ClampedArray(now.length);
  for (let at = 0; at < now.length; at += 4) {
    const weight = now[at + 3] ?? 1;
    for (let channel = 0; channel < 3; channel += 1) blurred[at + channel] = (now[at + channel] ?? 0) / weight;
    blurred[at + 3] = 255;
  }
  return { width, height, pixels: blurred };
}

interface Lines {
  lines: number;
  lineStep: number;
  length: number;
  step: number;
  radius: number;
}

/** Every value becomes the mean of its neighbours along the line; beyond its ends the line goes on as it ends. */
function boxBlur(from: Float32Array, to: Float32Array, { lines, lineStep, length, step, radius }: Lines): void {
  const share = 1 / (2 * radius + 1);
  for (let line = 0; line < lines; line += 1) {
    for (let channel = 0; channel < 4; channel += 1) {
      const start = line * lineStep + channel;
      const at = (index: number) => from[start + Math.min(length - 1, Math.max(0, index)) * step] ?? 0;
      let sum = 0;
      for (let index = -radius; index <= radius; index += 1) sum += at(index);
      for (let index = 0; index < length; index += 1) {
        to[start + index * step] = sum * share;
        sum += at(index + radius + 1) - at(index - radius);
      }
    }
  }
}
