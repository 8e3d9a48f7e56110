/**
 * What a segmentation model says of every pixel (0: background, 255: person), made fit to cut with. Pure.
 *
 * Between two frames a model wavers most along the outline, which flickers; what really moves changes by much more. So small
 * changes come in slowly and large ones at once.
 */

export interface Mask {
  width: number;
  height: number;
  /** Row by row, one byte for each pixel. */
  person: Uint8ClampedArray;
}

/** Changes up to this are wavering, from the other on movement. */
const WAVERING = 40;
const MOVEMENT = 130;
/** How much of a small change is taken over at once. */
const CALM = 0.4;
/** Below the first a pixel is all background, above the second all person; between, the edge is soft. */
const EDGE = [0.35, 0.8] as const;

/** From 0 at `from` to 1 at `to`, level at both ends. */
export function smoothStep(from: number, to: number, value: number): number {
  const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return share * share * (3 - 2 * share);
}

const SHARE = Float32Array.from({ length: 256 }, (_, change) => CALM + (1 - CALM) * smoothStep(WAVERING, MOVEMENT, change));
const CUT = Uint8ClampedArray.from({ length: 256 }, (_, said) => 255 * smoothStep(EDGE[0], EDGE[1], said / 255));

/** The mask calmed by the one before it; that of another size, or none, counts for nothing. */
export function calm(mask: Mask, before: Mask | null): Mask {
  if (before?.width !== mask.width || before.height !== mask.height) return mask;
  const person = mask.person.map((now, index) => {
    const was = before.person[index] ?? now;
    return was + (now - was) * (SHARE[Math.abs(now - was)] ?? 1);
  });
  return { ...mask, person };
}

/** How opaque the person is at every pixel, as RGBA that is black. */
export function cutOut(mask: Mask): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(mask.person.length * 4);
  mask.person.forEach((said, index) => {
    pixels[index * 4 + 3] = CUT[said] ?? 0;
  });
  return pixels;
}
