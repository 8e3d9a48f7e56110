/**
 * Cameras, microphones and what goes wrong with them; what somebody chose is remembered in this browser.
 */

export type DeviceProblem = "denied" | "system" | "missing" | "busy" | "insecure" | "failed";

type Kind = "microphone" | "camera";

/** A device that can't be used, and why. The texts `device.…` of the catalogue say it; `message` is for logs alone. */
export class DeviceError extends Error {
  constructor(
    readonly problem: DeviceProblem,
    readonly device: Kind | "screen",
  ) {
    super(`${device}: ${problem}`);
    this.name = "DeviceError";
  }
}

const PROBLEMS: Record<string, DeviceProblem> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** What a rejection of getUserMedia means. */
export function deviceError(kind: Kind, reason: unknown): DeviceError {
  if (reason instanceof DeviceError) return reason;
  const name = reason instanceof Error || reason instanceof DOMException ? reason.name : "";
  // Chromium tells the system's refusal from the person's only in these words ("Permission denied by system").
  const bySystem = name === "NotAllowedError" && (reason as Error).message.includes("by system");
  const problem = bySystem ? "system" : (PROBLEMS[name] ?? "failed");
  return new DeviceError(problem, kind);
}

/** Whether this page may ask for devices at all: browsers offer them on secure origins and localhost only. */
export function canUseDevices(): boolean {
  return typeof navigator !== "undefined" && navigator.mediaDevices !== undefined;
}

/** Rejects with DeviceError. Without a device id: the remembered microphone, or the system's default. */
export function openMicrophone(deviceId?: string): Promise<MediaStreamTrack> {
  const constraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return open("microphone", deviceId ?? loadChoices().microphoneId, constraints);
}

/** Rejects with DeviceError. Without a device id: the remembered camera, or the system's default. */
export function openCamera(deviceId?: string): Promise<MediaStreamTrack> {
  const constraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
  return open("camera", deviceId ?? loadChoices().cameraId, constraints);
}

async function open(
  kind: Kind,
  deviceId: string | null,
  constraints: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  if (!canUseDevices()) throw new DeviceError("insecure", kind);
  try {
    return await capture(kind, deviceId, constraints);
  } catch (reason) {
    const gone = reason instanceof Error && reason.name === "OverconstrainedError";
    if (!gone || !deviceId) throw deviceError(kind, reason);
  }
  try {
    return await capture(kind, null, constraints); // the chosen device is not connected now
  } catch (reason) {
    throw deviceError(kind, reason);
  }
}

async function capture(
  kind: Kind,
  deviceId: string | null,
  constraints: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  const wanted = deviceId ? { ...constraints, deviceId: { exact: deviceId } } : constraints;
  const stream = await navigator.mediaDevices.getUserMedia(
    kind === "microphone" ? { audio: wanted } : { video: wanted },
  );
  const [track] = stream.getTracks();
  if (track === undefined) throw new DeviceError("missing", kind);
  if (kind === "camera") track.contentHint = "motion";
  return track;
}

/** All devices of all kinds; before the first permission browsers give neither ids nor names, and those are left out. */
export async function listDevices(): Promise<MediaDeviceInfo[]> {
  if (!canUseDevices()) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.deviceId !== "");
}

/** Calls when a device comes or goes; returns how to stop that. */
export function onDevicesChange(listener: () => void): () => void {
  if (!canUseDevices()) return () => undefined;
  navigator.mediaDevices.addEventListener("devicechange", listener);
  return () => navigator.mediaDevices.removeEventListener("devicechange", listener);
}

/** What somebody chose last, in this browser. Null: the system's default. */
export interface DeviceChoices {
  microphoneId: string | null;
  cameraId: string | null;
  speakerId: string | null;
  microphoneOn: boolean;
  cameraOn: boolean;
  name: string;
}

const CHOICES_KEY = "parley.devices";

const FIRST_CHOICES: DeviceChoices = {
  microphoneId: null,
  cameraId: null,
  speakerId: null,
  microphoneOn: true,
  cameraOn: true,
  name: "",
};

export function loadChoices(): DeviceChoices {
  let kept: unknown = null;
  try {
    kept = JSON.parse(localStorage.getItem(CHOICES_KEY) ?? "null");
  } catch {
    // Storage is off, or holds what isn't ours.
  }
  if (typeof kept !== "object" || kept === null) return { ...FIRST_CHOICES };
  const found = kept as Record<string, unknown>;
  const id = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
  return {
    microphoneId: id(found.microphoneId),
    cameraId: id(found.cameraId),
    speakerId: id(found.speakerId),
    microphoneOn: found.microphoneOn !== false,
    cameraOn: found.cameraOn !== false,
    name: typeof found.name === "string" ? found.name : "",
  };
}

/** Remembers a part of the choices; the rest stays. */
export function saveChoices(part: Partial<DeviceChoices>): void {
  try {
    localStorage.setItem(CHOICES_KEY, JSON.stringify({ ...loadChoices(), ...part }));
  } catch {
    // Storage is off or full: the choice lasts as long as the page.
  }
}

export { watchLevel } from "./level-meter";
