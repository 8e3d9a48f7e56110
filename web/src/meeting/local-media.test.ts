import { describe, expect, it, vi } from "vitest";

import type { DeviceListener, OwnDevice } from "../effects/own-device";
import type { Source } from "../protocol.generated";
import { LocalMedia } from "./local-media";
import type { Publisher } from "./publisher";
import type { LocalTrack } from "./state";

/** A device that only notes what is done with it. */
class NotedDevice implements OwnDevice {
  track = { stop: () => undefined } as MediaStreamTrack;
  enabled = true;
  stopped = false;
  listener: DeviceListener | null = null;

  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
  }
  listen(listener: DeviceListener | null): void {
    this.listener = listener;
  }
  stop(): void {
    this.stopped = true;
  }
}

/** A publisher that only notes what it is given. */
class NotedPublisher {
  readonly published = new Map<Source, { track: MediaStreamTrack | null; muted: boolean }>();

  has(source: Source): boolean {
    return this.published.has(source);
  }

  publish(tracks: ReadonlyMap<Source, { track: MediaStreamTrack | null; muted: boolean }>): Promise<void> {
    for (const [source, put] of tracks) this.published.set(source, put);
    return Promise.resolve();
  }

  setTrack(source: Source, track: MediaStreamTrack | null, muted: boolean): Promise<string | null> {
    const known = this.published.has(source);
    this.published.set(source, { track, muted });
    return Promise.resolve(known ? `producer-${source}` : null);
  }
}

async function inside() {
  const mute = vi.fn().mockResolvedValue(undefined);
  let local: Readonly<Partial<Record<Source, LocalTrack>>> = {};
  const media = new LocalMedia({ changed: (next) => (local = next), mute });
  const microphone = new NotedDevice();
  const camera = new NotedDevice();
  media.adopt({ microphone, camera });
  const publisher = new NotedPublisher();
  await media.attach(publisher as unknown as Publisher);
  return { media, mute, microphone, camera, publisher, local: () => local };
}

describe("one's own devices", () => {
  it("publishes what the pre-join page opened", async () => {
    const { publisher, camera } = await inside();
    expect(publisher.published.get("camera")).toEqual({ track: camera.track, muted: false });
  });

  it("sends nothing while the microphone is off, and keeps it open", async () => {
    const { media, mute, microphone, publisher, local } = await inside();
    await media.setMicrophone(false);
    expect(publisher.published.get("microphone")).toEqual({ track: null, muted: true });
    expect(mute).toHaveBeenLastCalledWith("producer-microphone", true);
    expect(microphone.stopped).toBe(false);
    await media.setMicrophone(true);
    expect(publisher.published.get("microphone")).toEqual({ track: microphone.track, muted: false });
    expect(local().microphone?.on).toBe(true);
  });

  it("closes the camera while it is off, so that its light goes out", async () => {
    const { media, camera, local } = await inside();
    await media.setCamera(false);
    expect(camera.stopped).toBe(true);
    expect(local().camera).toMatchObject({ on: false, track: null });
  });

  it("ends quick clicks in the state asked for last", async () => {
    const { media, publisher, local } = await inside();
    await Promise.all([media.setMicrophone(false), media.setMicrophone(true), media.setMicrophone(false)]);
    expect(local().microphone?.on).toBe(false);
    expect(publisher.published.get("microphone")?.muted).toBe(true);
  });

  it("stays off after the host muted it, also through a reconnection", async () => {
    const { media, microphone, local } = await inside();
    media.mutedByHost("microphone");
    await vi.waitFor(() => expect(local().microphone).toMatchObject({ on: false, mutedByHost: true }));
    expect(microphone.enabled).toBe(false);
    const next = new NotedPublisher();
    await media.attach(next as unknown as Publisher);
    expect(next.published.get("microphone")).toEqual({ track: null, muted: true });
  });

  it("goes off with a word when its device vanishes and there is no other", async () => {
    const { camera, publisher, local } = await inside();
    camera.listener?.ended();
    await vi.waitFor(() => expect(local().camera).toMatchObject({ on: false, problem: "insecure" }));
    expect(publisher.published.get("camera")).toEqual({ track: null, muted: true });
  });

  it("publishes another track when an effect begins, and says nothing to the server", async () => {
    const { camera, mute, publisher, local } = await inside();
    const blurred = { stop: () => undefined } as MediaStreamTrack;
    camera.track = blurred;
    camera.listener?.changed();
    await vi.waitFor(() => expect(local().camera?.track).toBe(blurred));
    expect(publisher.published.get("camera")).toEqual({ track: blurred, muted: false });
    expect(mute).not.toHaveBeenCalled();
  });

  it("sends nothing of an effect that begins while the microphone is off", async () => {
    const { media, microphone, publisher, local } = await inside();
    await media.setMicrophone(false);
    microphone.track = { stop: () => undefined } as MediaStreamTrack;
    microphone.listener?.changed();
    await vi.waitFor(() => expect(local().microphone?.track).toBe(microphone.track));
    expect(publisher.published.get("microphone")).toEqual({ track: null, muted: true });
    await media.setMicrophone(true);
    expect(publisher.published.get("microphone")).toEqual({ track: microphone.track, muted: false });
    expect(microphone.enabled).toBe(true);
  });

  it("listens no more to a camera that was turned off", async () => {
    const { media, camera } = await inside();
    await media.setCamera(false);
    expect(camera.listener).toBeNull();
  });

  it("closes all devices at the end", async () => {
    const { media, microphone, camera } = await inside();
    media.close();
    expect([microphone.stopped, camera.stopped]).toEqual([true, true]);
  });
});
