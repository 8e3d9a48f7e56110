import { beforeEach, describe, expect, it, vi } from "vitest";

import { DeviceWithEffect, type EffectListener, type StartEffect } from "./own-device";
import { EffectError, type EffectState } from "./status";

class PlainTrack extends EventTarget {
  enabled = true;
  stopped = false;
  readyState = "live";
  stop(): void {
    this.stopped = true;
  }
}

/** Effects of which the test decides when they begin and end. */
class Stage {
  readonly raw = new PlainTrack();
  readonly tracks: PlainTrack[] = [];
  readonly changes: string[] = [];
  readonly told: EffectState[] = [];
  effect: EffectListener | null = null;
  wish: string | null = null;
  begin: (problem?: EffectError) => void = () => undefined;
  private wished: (() => void) | null = null;

  device(wish: string | null) {
    this.wish = wish;
    const start: StartEffect<string> = (_raw, _wish, _signal, listener) =>
      new Promise((resolve, reject) => {
        this.effect = listener;
        this.begin = (problem) => {
          if (problem !== undefined) return reject(problem);
          const track = new PlainTrack();
          this.tracks.push(track);
          resolve({
            track: track as unknown as MediaStreamTrack,
            change: (next) => this.changes.push(next),
            stop: () => track.stop(),
          });
        };
      });
    return new DeviceWithEffect(this.raw as unknown as MediaStreamTrack, {
      start,
      wish: () => this.wish,
      onWish: (listener) => {
        this.wished = listener;
        return () => (this.wished = null);
      },
      tell: (state) => this.told.push(state),
    });
  }

  choose(wish: string | null): void {
    this.wish = wish;
    this.wished?.();
  }
}

const soon = () => new Promise((resolve) => setTimeout(resolve));

describe("a device with an effect", () => {
  beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => undefined));

  it("is the device itself while nothing is wished", async () => {
    const stage = new Stage();
    const device = stage.device(null);
    await device.settled;
    expect(device.track).toBe(stage.raw);
    expect(stage.told).toEqual(["off"]);
  });

  it("goes over to the effect when that has begun, and says so", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    const changed = vi.fn();
    device.listen({ changed, ended: vi.fn() });
    expect(device.track).toBe(stage.raw);
    stage.begin();
    await device.settled;
    expect(device.track).toBe(stage.tracks[0]);
    expect(changed).toHaveBeenCalledOnce();
    expect(stage.told).toEqual(["starting", "on"]);
  });

  it("changes an effect that runs rather than beginning another", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    stage.begin();
    await device.settled;
    stage.choose("hills");
    expect(stage.changes.at(-1)).toBe("hills");
    expect(stage.tracks).toHaveLength(1);
  });

  it("takes the wish that came while it began", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    stage.choose("hills");
    stage.begin();
    await device.settled;
    expect(stage.changes).toEqual(["hills"]);
  });

  it("goes back to the device itself, and closes the effect, when it is no longer wished", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    stage.begin();
    await device.settled;
    stage.choose(null);
    expect(device.track).toBe(stage.raw);
    expect(stage.tracks[0]?.stopped).toBe(true);
    expect(stage.raw.stopped).toBe(false);
  });

  it("closes an effect that comes when it is no longer wished", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    stage.choose(null);
    stage.begin();
    await soon();
    expect(device.track).toBe(stage.raw);
    expect(stage.tracks[0]?.stopped).toBe(true);
    expect(stage.told.at(-1)).toBe("off");
  });

  it("goes on without an effect that can't begin, and tries again when asked again", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    stage.begin(new EffectError("no-webgl", "No WebGL."));
    await device.settled;
    expect(device.track).toBe(stage.raw);
    expect(stage.told.at(-1)).toBe("no-webgl");
    stage.choose("hills");
    stage.begin();
    await soon();
    expect(device.track).toBe(stage.tracks[0]);
  });

  it("goes on without an effect that breaks, and hears no more of it", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    stage.begin();
    await device.settled;
    stage.effect?.broke(new Error("It ran out of memory."));
    expect(device.track).toBe(stage.raw);
    expect(stage.told.at(-1)).toBe("failed");
    stage.effect?.works(true);
    expect(device.track).toBe(stage.raw);
  });

  it("goes on without an effect for as long as it doesn't work", async () => {
    const stage = new Stage();
    const device = stage.device("filter");
    stage.begin();
    await device.settled;
    stage.effect?.works(false);
    expect(device.track).toBe(stage.raw);
    stage.effect?.works(true);
    expect(device.track).toBe(stage.tracks[0]);
  });

  it("is silent while it is off, with an effect as without", async () => {
    const stage = new Stage();
    const device = stage.device("filter");
    device.setEnabled(false);
    stage.begin();
    await device.settled;
    expect([stage.raw.enabled, stage.tracks[0]?.enabled]).toEqual([false, false]);
    device.setEnabled(true);
    expect([stage.raw.enabled, stage.tracks[0]?.enabled]).toEqual([true, true]);
  });

  it("closes device and effect, and follows no wish any more", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    stage.begin();
    await device.settled;
    const told = stage.told.length;
    device.stop();
    stage.choose(null);
    expect([stage.raw.stopped, stage.tracks[0]?.stopped]).toEqual([true, true]);
    expect(stage.told).toHaveLength(told);
  });

  it("says when the device is gone", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    const ended = vi.fn();
    device.listen({ changed: vi.fn(), ended });
    stage.raw.dispatchEvent(new Event("ended"));
    expect(ended).toHaveBeenCalledOnce();
  });

  it("says so also when it went before anybody listened", async () => {
    const stage = new Stage();
    const device = stage.device("blur");
    stage.raw.readyState = "ended";
    const ended = vi.fn();
    device.listen({ changed: vi.fn(), ended });
    await soon();
    expect(ended).toHaveBeenCalledOnce();
  });
});
