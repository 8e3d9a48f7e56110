/** Where tiles go: the arrangement in which they are largest. */

/** A camera's shape. */
const ASPECT = 16 / 9;

export interface GridShape {
  columns: number;
  /** Size of a tile in CSS pixels. */
  width: number;
  height: number;
}

/** The largest 16:9 tiles that fit `count` times into a place, `gap` pixels apart. */
export function bestGrid(count: number, width: number, height: number, gap: number): GridShape {
  let best: GridShape = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(Math.max(1, count) / columns);
    const free = { width: (width - gap * (columns - 1)) / columns, height: (height - gap * (rows - 1)) / rows };
    const tile = Math.floor(Math.min(free.width, free.height * ASPECT));
    if (tile > best.width) best = { columns, width: tile, height: Math.floor(tile / ASPECT) };
  }
  return best;
}

/** The lowest camera layer that looks sharp on a tile that many device pixels high; layers are 180, 360 and 720 lines. */
export function layerFor(pixels: number): "low" | "medium" | "high" {
  if (pixels <= 200) return "low";
  return pixels <= 420 ? "medium" : "high";
}

/** How many of `count` tiles fit a place if each is to be at least `least` pixels wide; at least one. */
export function capacity(count: number, width: number, height: number, gap: number, least: number): number {
  for (let fitting = count; fitting > 1; fitting -= 1) {
    if (bestGrid(fitting, width, height, gap).width >= least) return fitting;
  }
  return 1;
}
