import { describe, expect, it } from "vitest";

import { bestGrid, layerFor } from "./grid";

describe("the grid", () => {
  it.each([
    [1, 1],
    [2, 2],
    [4, 2],
    [9, 3],
    [10, 4],
  ])("lays %i tiles in %i columns on a wide screen", (count, columns) => {
    expect(bestGrid(count, 1280, 620, 8).columns).toBe(columns);
  });

  it("stacks two on a phone", () => {
    expect(bestGrid(2, 344, 560, 8).columns).toBe(1);
  });

  it("never runs over its place", () => {
    for (let count = 1; count <= 10; count += 1) {
      for (const [width, height] of [
        [360, 600],
        [768, 900],
        [1920, 400],
      ] as const) {
        const { columns, ...tile } = bestGrid(count, width, height, 8);
        const rows = Math.ceil(count / columns);
        expect(columns * tile.width + (columns - 1) * 8).toBeLessThanOrEqual(width);
        expect(rows * tile.height + (rows - 1) * 8).toBeLessThanOrEqual(height);
        expect(tile.height).toBeGreaterThan(30);
      }
    }
  });

  it("has no tiles in no place", () => {
    expect(bestGrid(3, 0, 0, 8)).toMatchObject({ width: 0, height: 0 });
  });

  it("asks for the layer that a tile can show", () => {
    expect([150, 300, 600].map(layerFor)).toEqual(["low", "medium", "high"]);
  });
});
