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
/** Below the first a pixel is all background, above the second all person; between, the edge is soft. Rather inside the outline
 * than outside, where a rim of the room would show. */
const EDGE = [0.45, 0.9] as const;

/** From 0 at `from` to 1 at `to`, level at both ends. */
export function smoothStep(from: number, to: number, value: number): number {
  const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return share * share * (3 - 2 * share);
}

const SHARE = Float32Array.from({ length: 256 }, (_, change) => CALM + (1 - CALM) * smoothStep(WAVERING, MOVEMENT, change));
const CUT = Uint8ClampedArray.from({ length: 256 }, (_, said) => 255 * smoothStep(EDGE[0], EDGE[1], said / 255));

/** Rounds off the steps of an outline that is drawn much larger than it was found: every pixel a little of its neighbours. */
export function soften({ width, height, person }: Mask): Mask {
  const across = new Uint8ClampedArray(person.length);
  const down = new Uint8ClampedArray(person.length);
  for (let y = 0; y < height; y += 1) {
    const row = y * width;
    for (let x = 0; x < width; x += 1) {
      const left = person[row + Math.max(0, x - 1)] ?? 0;
      const right = person[row + Math.min(width - 1, x + 1)] ?? 0;
      across[row + x] = (left + 2 * (person[row + x] ?? 0) + right) / 4;
    }
  }
  for (let y = 0; y < height; y += 1) {
    const [above, row, below] = [Math.max(0, y - 1) * width, y * width, Math.min(height - 1, y + 1) * width];
    for (let x = 0; x < width; x += 1) {
      down[row + x] = ((across[above + x] ?? 0) + 2 * (across[row + x] ?? 0) + (across[below + x] ?? 0)) / 4;
    }
  }
  return { width, height, person: down };
}

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
