/**
 * One's own microphone, camera and screen: what they are now, and what is published of them.
 *
 * Changes of one source follow each other, so that quick clicks end in the state that was asked for last. The camera is closed
 * while it is off, so that its light goes out; the microphone stays open, so that it is there at once.
 */

import { openOwnCamera, openOwnMicrophone } from "../effects/open";
import type { OwnDevice } from "../effects/own-device";
import type { Source } from "../protocol.generated";
import { DeviceError, saveChoices } from "./devices";
import type { Publisher } from "./publisher";
import { type LocalTrack, RequestError } from "./state";

type Local = Readonly<Partial<Record<Source, LocalTrack>>>;

type DeviceSource = "microphone" | "camera";

/** What the pre-join page opened. */
export type OpenDevices = Record<DeviceSource, OwnDevice | null>;

export interface LocalMediaListener {
  changed: (local: Local) => void;
  /** Tell the server that a producer is muted or not. */
  mute: (producerId: string, muted: boolean) => Promise<unknown>;
}

const OFF: Omit<LocalTrack, "source"> = { track: null, on: false, mutedByHost: false, problem: null };

export class LocalMedia {
  private local: Local = {};
  private readonly devices: OpenDevices = { microphone: null, camera: null };
  private publisher: Publisher | null = null;
  private readonly queues = new Map<Source, Promise<void>>();
  private closed = false;

  constructor(private readonly listener: LocalMediaListener) {}

  /** Take over the devices that the pre-join page opened. */
  adopt(devices: OpenDevices): void {
    for (const source of ["microphone", "camera"] as const) {
      const device = devices[source];
      this.hold(source, device);
      this.set(source, { ...OFF, track: device?.track ?? null, on: device !== null });
    }
  }

  /** Publish what is there through this transport; null while there is none. */
  async attach(publisher: Publisher | null): Promise<void> {
    this.publisher = publisher;
    if (publisher === null) return;
    const used = Object.values(this.local).filter((one) => one.track !== null);
    await publisher.publish(
      new Map(used.map((one) => [one.source, { track: one.on ? one.track : null, muted: !one.on }])),
    );
    // An effect may have begun or ended while that was on its way.
    for (const { source, track } of used) {
      const now = this.local[source];
      if (now?.on && now.track !== track && this.publisher === publisher) await publisher.setTrack(source, now.track, false);
    }
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.inTurn("microphone", async () => {
      const device = this.devices.microphone ?? (on ? await this.open("microphone") : null);
      device?.setEnabled(on);
      saveChoices({ microphoneOn: on });
      this.hold("microphone", device);
      await this.apply("microphone", device?.track ?? null, on);
    });
  }

  setCamera(on: boolean): Promise<void> {
    return this.inTurn("camera", async () => {
      const before = this.devices.camera;
      const device = on ? (before ?? (await this.open("camera"))) : null;
      saveChoices({ cameraOn: on });
      this.hold("camera", device);
      await this.apply("camera", device?.track ?? null, on);
      if (!on) before?.stop();
    });
  }

  /** Resolves also when the person picked nothing to share. */
  setScreenShare(on: boolean): Promise<void> {
    return this.inTurn("screen", () => (on ? this.share() : this.unshare()));
  }

  useDevice(kind: "audioinput" | "videoinput", deviceId: string): Promise<void> {
    const source = kind === "audioinput" ? "microphone" : "camera";
    return this.inTurn(source, async () => {
      saveChoices(source === "microphone" ? { microphoneId: deviceId } : { cameraId: deviceId });
      const before = this.devices[source];
      if (before === null) return; // it is opened with the choice when it is turned on
      const device = await this.open(source, deviceId);
      await this.replace(source, device);
      before.stop();
    });
  }

  /** The host muted one of our producers. */
  mutedByHost(source: Source): void {
    void this.inTurn(source, async () => {
      const one = this.local[source];
      if (one === undefined || !one.on) return;
      if (source === "screen") return this.unshare();
      const device = source === "microphone" || source === "camera" ? this.devices[source] : null;
      if (source === "microphone") device?.setEnabled(false);
      if (source === "camera") this.hold(source, null);
      this.set(source, { ...one, on: false, mutedByHost: true, track: source === "camera" ? null : one.track });
      await this.publisher?.setTrack(source, null, true);
      if (source === "camera") device?.stop();
    });
  }

  /** Close all devices. */
  close(): void {
    this.closed = true;
    this.publisher = null;
    for (const one of Object.values(this.local)) one.track?.stop();
    for (const device of Object.values(this.devices)) device?.stop();
    this.devices.microphone = null;
    this.devices.camera = null;
    this.local = {};
    this.listener.changed(this.local);
  }

  private async open(source: DeviceSource, deviceId?: string): Promise<OwnDevice> {
    try {
      const device = await (source === "microphone" ? openOwnMicrophone(deviceId) : openOwnCamera(deviceId));
      return this.closed ? this.tooLate(device) : device;
    } catch (reason) {
      const problem = reason instanceof DeviceError ? reason.problem : "failed";
      this.set(source, { ...(this.local[source] ?? OFF), problem });
      throw reason;
    }
  }

  /** A prompt that was answered after one left: the device goes off again. */
  private tooLate(...opened: { stop: () => void }[]): never {
    for (const one of opened) one.stop();
    throw new RequestError("wrong_state", "One has left the meeting.");
  }

  /** Make a source what it is to be, here and at the server. */
  private async apply(source: Source, track: MediaStreamTrack | null, on: boolean): Promise<void> {
    this.set(source, { track, on, mutedByHost: false, problem: null });
    const publisher = this.publisher;
    if (publisher === null) return;
    if (track === null && !publisher.has(source)) return;
    const producerId = await publisher.setTrack(source, on ? track : null, !on);
    if (producerId !== null) await this.listener.mute(producerId, !on);
  }

  private async share(): Promise<void> {
    if (this.local.screen?.on) return;
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({
        video: { frameRate: { ideal: 15, max: 30 } },
        audio: true,
      });
    } catch (reason) {
      if (reason instanceof DOMException && (reason.name === "NotAllowedError" || reason.name === "AbortError")) return;
      throw new DeviceError("failed", "screen");
    }
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    if (this.closed || video === undefined) this.tooLate(...stream.getTracks());
    video.contentHint = "detail";
    video.addEventListener("ended", () => void this.setScreenShare(false).catch(() => undefined), { once: true });
    await this.apply("screen", video, true);
    if (audio !== undefined) await this.apply("screen_audio", audio, true);
  }

  private async unshare(): Promise<void> {
    for (const source of ["screen", "screen_audio"] as const) {
      const one = this.local[source];
      if (one === undefined) continue;
      one.track?.stop();
      this.set(source, OFF);
      await this.publisher?.unpublish(source);
    }
  }

  /** That device is the one of its source from now on, and the one before isn't. */
  private hold(source: DeviceSource, device: OwnDevice | null): void {
    if (this.devices[source] === device) return;
    this.devices[source]?.listen(null);
    this.devices[source] = device;
    device?.listen({
      changed: () => void this.inTurn(source, () => this.retrack(source, device)).catch(() => undefined),
      ended: () => void this.inTurn(source, () => this.lost(source, device)).catch(() => undefined),
    });
  }

  /** Another device, on or off as the one before. */
  private async replace(source: DeviceSource, device: OwnDevice): Promise<void> {
    const on = this.local[source]?.on ?? false;
    device.setEnabled(on);
    this.hold(source, device);
    await this.apply(source, device.track, on);
  }

  /** An effect began or ended: what is published changes, without negotiation and without a word to the server. */
  private async retrack(source: DeviceSource, device: OwnDevice): Promise<void> {
    const one = this.local[source];
    if (this.devices[source] !== device || one === undefined || one.track === device.track) return;
    this.set(source, { ...one, track: device.track });
    if (one.on && this.publisher?.has(source)) await this.publisher.setTrack(source, device.track, false);
  }

  /** The device was pulled out or taken away: go on with another, or say what happened. */
  private async lost(source: DeviceSource, device: OwnDevice): Promise<void> {
    if (this.devices[source] !== device) return;
    try {
      await this.replace(source, await this.open(source));
    } catch (reason) {
      const problem = reason instanceof DeviceError ? reason.problem : "failed";
      this.hold(source, null);
      await this.apply(source, null, false);
      this.set(source, { ...OFF, problem });
    }
    device.stop();
  }

  private set(source: Source, one: Omit<LocalTrack, "source">): void {
    this.local = { ...this.local, [source]: { ...one, source } };
    this.listener.changed(this.local);
  }

  private inTurn(source: Source, change: () => Promise<void>): Promise<void> {
    const done = (this.queues.get(source) ?? Promise.resolve()).then(change);
    this.queues.set(
      source,
      done.catch(() => undefined),
    );
    return done;
  }
}
