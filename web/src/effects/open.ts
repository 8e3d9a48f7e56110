/** Opens one's own devices with the effects that were chosen. What makes the effects is loaded when it is first used. */

import { openCamera, openMicrophone } from "../meeting/devices";
import { type Background, effectChoices, onEffectChoices } from "./choices";
import { DeviceWithEffect, type OwnDevice } from "./own-device";
import { EffectError, tellEffect } from "./status";

/** Rejects with DeviceError. The plain microphone is there at once; its filter takes over when it works. */
export async function openOwnMicrophone(deviceId?: string): Promise<OwnDevice> {
  return new DeviceWithEffect<true>(await openMicrophone(deviceId), {
    start: async (...args) => {
      needWorklets(); // or else the filter's own code couldn't even be loaded
      return (await import("./noise-filter")).startNoiseFilter(...args);
    },
    wish: () => effectChoices().noiseFilter || null,
    onWish: onEffectChoices,
    tell: (state) => tellEffect("noiseFilter", state),
  });
}

/** Rejects with DeviceError. Comes with its background, so that nobody sees the room meanwhile. */
export async function openOwnCamera(deviceId?: string): Promise<OwnDevice> {
  const camera = new DeviceWithEffect<Background>(await openCamera(deviceId), {
    start: async (...args) => (await import("./background")).startBackground(...args),
    wish: () => {
      const { background } = effectChoices();
      return background === "off" ? null : background;
    },
    onWish: onEffectChoices,
    tell: (state) => tellEffect("background", state),
  });
  await camera.settled;
  return camera;
}

function needWorklets(): void {
  if (typeof AudioWorkletNode === "function" && typeof WebAssembly === "object") return;
  throw new EffectError("unsupported", "This browser has no audio worklets or no WebAssembly.");
}
