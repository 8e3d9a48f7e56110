import { describe, expect, it } from "vitest";

import { segment, track } from "./fixture";
import { byNeed, toFetch, toStream } from "./streams";

const mics = ["p1", "p2", "p3"].map((person, index) => track(`m${index + 1}`, person, "microphone", 0, 100));
const lines = [segment("s1", "p2", 5, 8, "a"), segment("s2", "p3", 9, 12, "b"), segment("s3", "p2", 20, 22, "c")];
const ids = (tracks: readonly { track: string }[]) => tracks.map((one) => one.track);

describe("sounds in the order in which they are heard", () => {
  it("puts who speaks next first, and who says nothing more last", () => {
    expect(ids(byNeed(mics, lines, 0))).toEqual(["m2", "m3", "m1"]);
    expect(ids(byNeed(mics, lines, 10))).toEqual(["m3", "m2", "m1"]);
  });

  it("counts a shared screen's sound as heard from its start", () => {
    const screen = track("sc", "p1", "screen_audio", 6, 50);
    expect(ids(byNeed([...mics, screen], lines, 0))).toEqual(["m2", "sc", "m3", "m1"]);
  });

  it("puts what is over last", () => {
    const over = track("m0", "p2", "microphone", 0, 4);
    expect(ids(byNeed([over, ...mics], lines, 5)).at(-1)).toBe("m0");
  });
});

describe("connections", () => {
  it("are used for the first in need that aren't there whole", () => {
    expect(ids(toStream(mics, new Map([["m1", "blob:1"]])))).toEqual(["m2", "m3"]);
    expect(ids(toStream(mics, new Map()))).toEqual(["m1", "m2"]);
  });

  it("fetch one sound after the other whole, but those that can't be had", () => {
    expect(toFetch(mics, new Map(), new Set())?.track).toBe("m1");
    expect(toFetch(mics, new Map([["m1", "blob:1"]]), new Set(["m2"]))?.track).toBe("m3");
    expect(toFetch(mics, new Map(mics.map((one) => [one.track, "blob:"])), new Set())).toBeNull();
    expect(toFetch(mics.slice(0, 2), new Map(), new Set())).toBeNull();
  });
});
