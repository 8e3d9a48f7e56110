import { describe, expect, it } from "vitest";

import { SyncClock, orderFor } from "./sync-clock";

describe("the clock of a recording", () => {
  it("runs at its rate from where it was put", () => {
    const clock = new SyncClock(600);
    clock.seek(100, 0);
    clock.play(0);
    expect(clock.position(10)).toBe(110);
    clock.setRate(2, 10);
    expect(clock.position(15)).toBe(120);
    clock.pause(16);
    expect(clock.position(99)).toBe(122);
  });

  it("jumps over what was not recorded, also when it is put there", () => {
    const clock = new SyncClock(600, [{ start: 50, end: 80 }]);
    clock.seek(49, 0);
    clock.play(0);
    expect(clock.position(2)).toBe(80);
    clock.seek(60, 3);
    expect(clock.position(3)).toBe(80);
  });

  it("stands still while it waits for media, and loses nothing", () => {
    const clock = new SyncClock(600);
    clock.play(0);
    clock.hold(true, 5);
    expect(clock.position(50)).toBe(5);
    expect(clock.playing).toBe(true);
    clock.hold(false, 50);
    expect(clock.position(51)).toBe(6);
  });

  it("stops at the end and begins anew from there", () => {
    const clock = new SyncClock(10, [{ start: 0, end: 2 }]);
    clock.seek(9, 0);
    clock.play(0);
    expect(clock.position(5)).toBe(10);
    expect(clock.playing).toBe(false);
    clock.play(6);
    expect(clock.position(6)).toBe(2);
  });

  it("never leaves the recording", () => {
    const clock = new SyncClock(10);
    clock.seek(-5, 0);
    expect(clock.position(0)).toBe(0);
    clock.seek(99, 0);
    expect(clock.position(0)).toBe(10);
  });
});

describe("what a track's element has to do", () => {
  const track = { start: 30, end: 90 };

  it("is silent outside its span", () => {
    expect(orderFor(track, 20, { at: 0, rate: 1 }, true, 1).play).toBe(false);
    expect(orderFor(track, 90, { at: 60, rate: 1 }, true, 1).play).toBe(false);
  });

  it("jumps to its own second when far off", () => {
    expect(orderFor(track, 50, { at: 0, rate: 1 }, true, 1)).toEqual({ play: true, rate: 1, seekTo: 20 });
  });

  it("is nudged when a little off, until it is close", () => {
    expect(orderFor(track, 50, { at: 19.9, rate: 1 }, true, 1).rate).toBeGreaterThan(1);
    expect(orderFor(track, 50, { at: 20.1, rate: 1 }, true, 1).rate).toBeLessThan(1);
    expect(orderFor(track, 50, { at: 19.97, rate: 1 }, true, 1).rate).toBe(1);
    expect(orderFor(track, 50, { at: 19.97, rate: 1.05 }, true, 1).rate).toBeGreaterThan(1);
    expect(orderFor(track, 50, { at: 19.99, rate: 1.05 }, true, 1).rate).toBe(1);
  });

  it("shows the right picture while nothing plays", () => {
    expect(orderFor(track, 50, { at: 19, rate: 1 }, false, 1)).toEqual({ play: false, rate: 1, seekTo: 20 });
    expect(orderFor(track, 50, { at: 20.01, rate: 1 }, false, 1).seekTo).toBeNull();
  });
});
