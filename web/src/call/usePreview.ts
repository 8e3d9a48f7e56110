/** The devices before joining: opened as they were left last time, closed again unless the meeting takes them over. */

import { useCallback, useEffect, useRef, useState } from "react";

import {
  DeviceError,
  type DeviceProblem,
  loadChoices,
  openCamera,
  openMicrophone,
  saveChoices,
} from "../meeting/devices";

type Source = "microphone" | "camera";

export interface PreviewDevice {
  on: boolean;
  track: MediaStreamTrack | null;
  problem: DeviceProblem | null;
}

const OPEN = { microphone: openMicrophone, camera: openCamera };

export interface Preview extends Record<Source, PreviewDevice> {
  set: (source: Source, on: boolean, deviceId?: string) => void;
  /** The tracks, which are the caller's from now on. */
  take: () => Record<Source, MediaStreamTrack | null>;
}

export function usePreview(): Preview {
  const [devices, setDevices] = useState<Record<Source, PreviewDevice>>(() => {
    const choices = loadChoices();
    return {
      microphone: { on: choices.microphoneOn, track: null, problem: null },
      camera: { on: choices.cameraOn, track: null, problem: null },
    };
  });
  const tracks = useRef<Record<Source, MediaStreamTrack | null>>({ microphone: null, camera: null });
  const turn = useRef<Record<Source, number>>({ microphone: 0, camera: 0 });

  const show = useCallback((source: Source, device: PreviewDevice) => {
    tracks.current[source] = device.track;
    setDevices((before) => ({ ...before, [source]: device }));
  }, []);

  const apply = useCallback(
    async (source: Source, on: boolean, deviceId?: string) => {
      const mine = ++turn.current[source];
      tracks.current[source]?.stop();
      show(source, { on, track: null, problem: null });
      if (!on) return;
      try {
        const track = await OPEN[source](deviceId);
        if (mine !== turn.current[source]) {
          track.stop();
          return;
        }
        track.addEventListener("ended", () => show(source, { on: false, track: null, problem: "missing" }));
        show(source, { on, track, problem: null });
      } catch (reason) {
        const problem = reason instanceof DeviceError ? reason.problem : "failed";
        if (mine === turn.current[source]) show(source, { on: false, track: null, problem });
      }
    },
    [show],
  );

  useEffect(() => {
    const choices = loadChoices();
    if (choices.microphoneOn) void apply("microphone", true);
    if (choices.cameraOn) void apply("camera", true);
    const [held, turns] = [tracks.current, turn.current];
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
    const taken = { ...tracks.current };
    tracks.current.microphone = null;
    tracks.current.camera = null;
    return taken;
  }, []);

  return { ...devices, set, take };
}
