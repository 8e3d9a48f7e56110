import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Wanted } from "./wanted";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function told() {
  const tell = vi.fn().mockResolvedValue(undefined);
  return { tell, wanted: new Wanted(tell) };
}

describe("what the page wants", () => {
  it("is told once it has settled", () => {
    const { tell, wanted } = told();
    wanted.set("a", "low");
    wanted.set("a", null);
    wanted.set("a", "high");
    expect(tell).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(tell.mock.calls).toEqual([["a", { max_layer: "high" }]]);
  });

  it("pauses what can't be seen, and resumes it with its layer", () => {
    const { tell, wanted } = told();
    wanted.set("a", null);
    vi.advanceTimersByTime(100);
    wanted.set("a", "medium");
    vi.advanceTimersByTime(100);
    expect(tell.mock.calls).toEqual([
      ["a", { paused: true }],
      ["a", { paused: false, max_layer: "medium" }],
    ]);
  });

  it("says nothing about a tile that only moved", () => {
    const { tell, wanted } = told();
    wanted.set("a", "low");
    vi.advanceTimersByTime(100);
    wanted.set("a", null);
    wanted.set("a", "low");
    vi.advanceTimersByTime(100);
    expect(tell).toHaveBeenCalledTimes(1);
  });

  it("forgets consumers that are gone", () => {
    const { tell, wanted } = told();
    wanted.set("a", "low");
    wanted.keep(new Set());
    vi.advanceTimersByTime(100);
    expect(tell).not.toHaveBeenCalled();
  });
});
