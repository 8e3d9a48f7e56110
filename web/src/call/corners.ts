/** Where a floating tile may rest: the four corners, by the place's own direction of reading. */

export const CORNERS = ["top-start", "top-end", "bottom-start", "bottom-end"] as const;
export type Corner = (typeof CORNERS)[number];

/** The corner nearest to a point, given as shares (0 to 1) of the place from its left and top. */
export function nearestCorner(x: number, y: number, rightToLeft: boolean): Corner {
  const atStart = x < 0.5 !== rightToLeft;
  return `${y < 0.5 ? "top" : "bottom"}-${atStart ? "start" : "end"}`;
}

/** The corner one gets to with an arrow key, or the same one. */
export function cornerTowards(corner: Corner, key: string, rightToLeft: boolean): Corner {
  const [row, column] = corner.split("-") as ["top" | "bottom", "start" | "end"];
  switch (key) {
    case "ArrowUp":
      return `top-${column}`;
    case "ArrowDown":
      return `bottom-${column}`;
    case "ArrowLeft":
      return `${row}-${rightToLeft ? "end" : "start"}`;
    case "ArrowRight":
      return `${row}-${rightToLeft ? "start" : "end"}`;
    default:
      return corner;
  }
}
