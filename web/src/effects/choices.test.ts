// @vitest-environment jsdom

import { afterEach, describe, expect, it, vi } from "vitest";

import { parseChoices } from "./choices";

afterEach(() => {
  localStorage.clear();
  vi.resetModules();
});

describe("the choice of effects", () => {
  it("begins with the noise filter on and the room as it is", () => {
    expect(parseChoices(null)).toEqual({ noiseFilter: true, background: "off" });
  });

  it.each(["{", "7", '{"background":"castle","noiseFilter":"yes"}', '{"background":["blur"]}'])(
    "survives %s, which isn't ours",
    (kept) => {
      expect(parseChoices(kept)).toEqual({ noiseFilter: true, background: "off" });
    },
  );

  it("is told to whoever listens, and kept for the next time", async () => {
    const { chooseEffects, effectChoices, onEffectChoices } = await import("./choices");
    const heard = vi.fn();
    const stop = onEffectChoices(heard);
    chooseEffects({ background: "waves" });
    chooseEffects({ noiseFilter: false });
    stop();
    chooseEffects({ noiseFilter: false });
    expect(heard).toHaveBeenCalledTimes(2);
    expect(effectChoices()).toBe(effectChoices());
    vi.resetModules();
    expect((await import("./choices")).effectChoices()).toEqual({ noiseFilter: false, background: "waves" });
  });
});
