/** The devices before joining: opened as they were left last time, closed again unless the meeting takes them over. */

import { useCallback, useEffect, useRef, useState } from "react";

import { openOwnCamera, openOwnMicrophone } from "../effects/open";
import type { OwnDevice } from "../effects/own-device";
import { DeviceError, type DeviceProblem, loadChoices, saveChoices } from "../meeting/devices";
import type { OpenDevices } from "../meeting/local-media";

type Source = "microphone" | "camera";

export interface PreviewDevice {
  on: boolean;
  track: MediaStreamTrack | null;
  problem: DeviceProblem | null;
}

const OPEN = { microphone: openOwnMicrophone, camera: openOwnCamera };

export interface Preview extends Record<Source, PreviewDevice> {
  set: (source: Source, on: boolean, deviceId?: string) => void;
  /** The devices, which are the caller's from now on. */
  take: () => OpenDevices;
}

export function usePreview(): Preview {
  const [devices, setDevices] = useState<Record<Source, PreviewDevice>>(() => {
    const choices = loadChoices();
    return {
      microphone: { on: choices.microphoneOn, track: null, problem: null },
      camera: { on: choices.cameraOn, track: null, problem: null },
    };
  });
  const open = useRef<OpenDevices>({ microphone: null, camera: null });
  const turn = useRef<Record<Source, number>>({ microphone: 0, camera: 0 });

  const show = useCallback((source: Source, on: boolean, device: OwnDevice | null, problem: DeviceProblem | null) => {
    open.current[source] = device;
    setDevices((before) => ({ ...before, [source]: { on, track: device?.track ?? null, problem } }));
  }, []);

  const apply = useCallback(
    async (source: Source, on: boolean, deviceId?: string) => {
      const mine = ++turn.current[source];
      open.current[source]?.stop();
      show(source, on, null, null);
      if (!on) return;
      try {
        const device = await OPEN[source](deviceId);
        if (mine !== turn.current[source]) {
          device.stop();
          return;
        }
        device.listen({
          changed: () => show(source, on, device, null),
          ended: () => {
            device.stop();
            show(source, false, null, "missing");
          },
        });
        show(source, on, device, null);
      } catch (reason) {
        const problem = reason instanceof DeviceError ? reason.problem : "failed";
        if (mine === turn.current[source]) show(source, false, null, problem);
      }
    },
    [show],
  );

  useEffect(() => {
    const choices = loadChoices();
    if (choices.microphoneOn) void apply("microphone", true);
    if (choices.cameraOn) void apply("camera", true);
    const [held, turns] = [open.current, turn.current];
    return () => {
      for (const source of ["microphone", "camera"] as const) {
        turns[source] += 1;
        held[source]?.stop();
        held[source] = null;
      }
    };
  }, [apply]);

  const set = useCallback(
    (source: Source, on: boolean, deviceId?: string) => {
      saveChoices(
        source === "microphone"
          ? { microphoneOn: on, ...(deviceId && { microphoneId: deviceId }) }
          : { cameraOn: on, ...(deviceId && { cameraId: deviceId }) },
      );
      void apply(source, on, deviceId);
    },
    [apply],
  );

  const take = useCallback(() => {
    const taken = { ...open.current };
    open.current.microphone = null;
    open.current.camera = null;
    return taken;
  }, []);

  return { ...devices, set, take };
}
