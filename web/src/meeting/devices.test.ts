// @vitest-environment jsdom

import { afterEach, describe, expect, it, vi } from "vitest";

import { deviceError, listDevices, loadChoices, openCamera, openMicrophone, saveChoices } from "./devices";

function give(media: Partial<MediaDevices> | undefined): void {
  Object.defineProperty(navigator, "mediaDevices", { value: media, configurable: true });
}

afterEach(() => {
  localStorage.clear();
  give(undefined);
});

const failing = (name: string) => Object.assign(new Error(name), { name });

describe("devices", () => {
  it.each([
    ["NotAllowedError", "denied"],
    ["NotFoundError", "missing"],
    ["NotReadableError", "busy"],
    ["SomethingNew", "failed"],
  ])("says what %s means", (name, problem) => {
    expect(deviceError("camera", failing(name)).problem).toBe(problem);
  });

  it("says that an insecure page gets none", async () => {
    await expect(openCamera()).rejects.toMatchObject({ problem: "insecure" });
    await expect(listDevices()).resolves.toEqual([]);
  });

  it("falls back to the default when the chosen one is gone", async () => {
    const track = { stop: vi.fn() };
    const getUserMedia = vi
      .fn()
      .mockRejectedValueOnce(failing("OverconstrainedError"))
      .mockResolvedValueOnce({ getTracks: () => [track] });
    give({ getUserMedia });
    saveChoices({ microphoneId: "gone" });
    await expect(openMicrophone()).resolves.toBe(track);
    expect(getUserMedia.mock.calls[0]?.[0]).toMatchObject({ audio: { deviceId: { exact: "gone" } } });
    expect(getUserMedia.mock.calls[1]?.[0].audio.deviceId).toBeUndefined();
  });

  it("remembers choices and survives what isn't ours", () => {
    saveChoices({ cameraOn: false, name: "Gus" });
    expect(loadChoices()).toMatchObject({ cameraOn: false, microphoneOn: true, name: "Gus" });
    localStorage.setItem("parley.devices", "{");
    expect(loadChoices().microphoneOn).toBe(true);
  });
});
