import { describe, expect, it } from "vitest";

import { TalkTimes } from "./talk-times";

describe("talk times", () => {
  it("go on from what the server counted", () => {
    const times = new TalkTimes();
    times.reset([["a", 10]], "a", 100);
    expect(times.seconds("a", 103)).toBe(13);
    times.speaks("b", 103);
    times.speaks(null, 105);
    expect([times.seconds("a", 200), times.seconds("b", 200), times.seconds("c", 200)]).toEqual([13, 2, 0]);
  });

  it("don't count anybody twice when they speak again", () => {
    const times = new TalkTimes();
    times.speaks("a", 0);
    times.speaks("a", 5);
    expect(times.seconds("a", 6)).toBe(6);
  });
});
