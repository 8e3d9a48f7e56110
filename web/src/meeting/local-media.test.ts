import { describe, expect, it, vi } from "vitest";

import type { Source } from "../protocol.generated";
import { LocalMedia } from "./local-media";
import type { Publisher } from "./publisher";
import type { LocalTrack } from "./state";

class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;
  stop(): void {
    this.stopped = true;
  }
}

const trackOf = (fake: FakeTrack) => fake as unknown as MediaStreamTrack;

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
  const microphone = new FakeTrack();
  const camera = new FakeTrack();
  media.adopt({ microphone: trackOf(microphone), camera: trackOf(camera) });
  const publisher = new NotedPublisher();
  await media.attach(publisher as unknown as Publisher);
  return { media, mute, microphone, camera, publisher, local: () => local };
}

describe("one's own devices", () => {
  it("publishes what the pre-join page opened", async () => {
    const { publisher, camera } = await inside();
    expect(publisher.published.get("camera")).toEqual({ track: trackOf(camera), muted: false });
  });

  it("sends nothing while the microphone is off, and keeps it open", async () => {
    const { media, mute, microphone, publisher, local } = await inside();
    await media.setMicrophone(false);
    expect(publisher.published.get("microphone")).toEqual({ track: null, muted: true });
    expect(mute).toHaveBeenLastCalledWith("producer-microphone", true);
    expect(microphone.stopped).toBe(false);
    await media.setMicrophone(true);
    expect(publisher.published.get("microphone")).toEqual({ track: trackOf(microphone), muted: false });
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
    camera.dispatchEvent(new Event("ended"));
    await vi.waitFor(() => expect(local().camera).toMatchObject({ on: false, problem: "insecure" }));
    expect(publisher.published.get("camera")).toEqual({ track: null, muted: true });
  });
});
