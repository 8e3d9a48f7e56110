/**
 * One's own microphone, camera and screen: what they are now, and what is published of them.
 *
 * Changes of one source follow each other, so that quick clicks end in the state that was asked for last. The camera is closed
 * while it is off, so that its light goes out; the microphone stays open, so that it is there at once.
 */

import type { Source } from "../protocol.generated";
import { DeviceError, openCamera, openMicrophone, saveChoices } from "./devices";
import type { Publisher } from "./publisher";
import type { LocalTrack } from "./state";

type Local = Readonly<Partial<Record<Source, LocalTrack>>>;

export interface LocalMediaListener {
  changed: (local: Local) => void;
  /** Tell the server that a producer is muted or not. */
  mute: (producerId: string, muted: boolean) => Promise<unknown>;
}

const OFF: Omit<LocalTrack, "source"> = { track: null, on: false, mutedByHost: false, problem: null };

export class LocalMedia {
  private local: Local = {};
  private publisher: Publisher | null = null;
  private readonly queues = new Map<Source, Promise<void>>();
  private closed = false;

  constructor(private readonly listener: LocalMediaListener) {}

  /** Take over the tracks that the pre-join page opened. */
  adopt(tracks: { microphone: MediaStreamTrack | null; camera: MediaStreamTrack | null }): void {
    for (const source of ["microphone", "camera"] as const) {
      const track = tracks[source];
      this.set(source, { ...OFF, track, on: track !== null });
      if (track !== null) this.watch(source, track);
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
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.inTurn("microphone", async () => {
      const track = this.local.microphone?.track ?? (on ? await this.open("microphone") : null);
      if (track !== null) track.enabled = on;
      saveChoices({ microphoneOn: on });
      await this.apply("microphone", track, on);
    });
  }

  setCamera(on: boolean): Promise<void> {
    return this.inTurn("camera", async () => {
      const before = this.local.camera?.track ?? null;
      const track = on ? (before ?? (await this.open("camera"))) : null;
      saveChoices({ cameraOn: on });
      await this.apply("camera", track, on);
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
      const before = this.local[source];
      if (before?.track == null) return; // it is opened with the choice when it is turned on
      const track = await this.open(source, deviceId);
      track.enabled = before.on;
      await this.apply(source, track, before.on);
      before.track.stop();
    });
  }

  /** The host muted one of our producers. */
  mutedByHost(source: Source): void {
    void this.inTurn(source, async () => {
      const one = this.local[source];
      if (one === undefined || !one.on) return;
      if (source === "screen") return this.unshare();
      if (one.track !== null && source === "microphone") one.track.enabled = false;
      this.set(source, { ...one, on: false, mutedByHost: true, track: source === "camera" ? null : one.track });
      await this.publisher?.setTrack(source, null, true);
      if (source === "camera") one.track?.stop();
    });
  }

  /** Close all devices. */
  close(): void {
    this.closed = true;
    this.publisher = null;
    for (const one of Object.values(this.local)) one.track?.stop();
    this.local = {};
    this.listener.changed(this.local);
  }

  private async open(source: "microphone" | "camera", deviceId?: string): Promise<MediaStreamTrack> {
    try {
      const track = await (source === "microphone" ? openMicrophone(deviceId) : openCamera(deviceId));
      if (this.closed) return this.tooLate(track);
      this.watch(source, track);
      return track;
    } catch (reason) {
      const problem = reason instanceof DeviceError ? reason.problem : "failed";
      this.set(source, { ...(this.local[source] ?? OFF), problem });
      throw reason;
    }
  }

  /** A prompt that was answered after one left: the device goes off again. */
  private tooLate(...tracks: MediaStreamTrack[]): never {
    for (const track of tracks) track.stop();
    throw new DeviceError("failed", "The meeting is over.");
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
      throw new DeviceError("failed", "The screen can't be shared.");
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

  /** The device may be pulled out or taken away: go on with another, or say what happened. */
  private watch(source: "microphone" | "camera", track: MediaStreamTrack): void {
    track.addEventListener(
      "ended",
      () =>
        void this.inTurn(source, async () => {
          const one = this.local[source];
          if (one?.track !== track) return;
          try {
            const other = await this.open(source);
            other.enabled = one.on;
            await this.apply(source, other, one.on);
          } catch (reason) {
            const problem = reason instanceof DeviceError ? reason.problem : "failed";
            await this.apply(source, null, false);
            this.set(source, { ...OFF, problem });
          }
        }),
      { once: true },
    );
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
