/**
 * The publish transport: one RTCPeerConnection that we offer, one transceiver per source, made when the source is first
 * used and kept. What is off stays negotiated and sends nothing, so that turning it on again costs no negotiation.
 */

import type { IceServer, PublishAnswer, PublishTrack, Source } from "../protocol.generated";
import { encodings, kindOf } from "./encodings";
import { IceWatch } from "./ice-watch";
import type { RequestBody } from "./requests";

/** Asks the server; the session's request. */
export type Ask = (body: Extract<RequestBody, { type: "publish.offer" }>) => Promise<PublishAnswer>;

interface Slot {
  transceiver: RTCRtpTransceiver;
  track: MediaStreamTrack | null;
  muted: boolean;
  producerId: string | null;
}

export interface PublisherListener {
  /** The transport connects, works, or is being repaired. */
  connected: (connected: boolean) => void;
  /** The server would not take our offer. */
  failed: (reason: unknown) => void;
}

export class Publisher {
  private connection: RTCPeerConnection | null = null;
  private watch: IceWatch | null = null;
  private readonly slots = new Map<Source, Slot>();
  private queue: Promise<void> = Promise.resolve();
  private restartIce = false;
  private closed = false;

  constructor(
    private readonly iceServers: readonly IceServer[],
    private readonly ask: Ask,
    private readonly listener: PublisherListener,
  ) {}

  /** Whether that source was published before, be it off now. */
  has(source: Source): boolean {
    return this.slots.has(source);
  }

  /** Publish several at once (one negotiation), for instance on joining. */
  async publish(tracks: ReadonlyMap<Source, { track: MediaStreamTrack | null; muted: boolean }>): Promise<void> {
    for (const [source, { track, muted }] of tracks) await this.put(source, track, muted);
    if (tracks.size > 0) await this.negotiate();
  }

  /**
   * Give a source another track (or none while it is off). Negotiates only when the source is new; else returns the
   * producer, which the server has to be told the new state of.
   */
  async setTrack(source: Source, track: MediaStreamTrack | null, muted: boolean): Promise<string | null> {
    if (await this.put(source, track, muted)) {
      await this.negotiate();
      return null;
    }
    await this.queue; // an offer that still says otherwise may be on its way
    return this.slots.get(source)?.producerId ?? null;
  }

  /** End a source's producer; its m-line is used again when the source comes back. */
  async unpublish(source: Source): Promise<void> {
    const slot = this.slots.get(source);
    if (slot === undefined || slot.transceiver.direction === "inactive") return;
    slot.transceiver.direction = "inactive";
    slot.track = null;
    slot.producerId = null;
    await slot.transceiver.sender.replaceTrack(null);
    await this.negotiate();
  }

  stats(): Promise<RTCStatsReport> | null {
    return this.connection?.getStats() ?? null;
  }

  /** The network changed: find a path again. */
  repair(): void {
    this.watch?.repairNow();
  }

  close(): void {
    this.closed = true;
    this.watch?.stop();
    this.connection?.close();
    this.connection = null;
    this.slots.clear();
  }

  /** Whether that needs a negotiation. */
  private async put(source: Source, track: MediaStreamTrack | null, muted: boolean): Promise<boolean> {
    if (this.closed) return false;
    const slot = this.slots.get(source);
    if (slot === undefined) {
      this.slots.set(source, { transceiver: this.addTransceiver(source, track), track, muted, producerId: null });
      return true;
    }
    const isNew = slot.transceiver.direction === "inactive";
    slot.track = track;
    slot.muted = muted;
    slot.transceiver.direction = "sendonly";
    await slot.transceiver.sender.replaceTrack(track);
    return isNew;
  }

  private addTransceiver(source: Source, track: MediaStreamTrack | null): RTCRtpTransceiver {
    const transceiver = this.open().addTransceiver(track ?? kindOf(source), {
      direction: "sendonly",
      sendEncodings: encodings(source),
    });
    const parameters = transceiver.sender.getParameters();
    // A shared screen stays sharp and moves less; a face moves on and gets coarser.
    parameters.degradationPreference = source === "screen" ? "maintain-resolution" : "balanced";
    void transceiver.sender.setParameters(parameters).catch(() => undefined);
    return transceiver;
  }

  private open(): RTCPeerConnection {
    if (this.connection !== null) return this.connection;
    const connection = new RTCPeerConnection(configuration(this.iceServers));
    this.connection = connection;
    this.watch = new IceWatch(connection, {
      connected: (connected) => this.listener.connected(connected),
      restart: () => {
        this.restartIce = true;
        void this.negotiate();
      },
      rebuild: () => void this.rebuild(),
    });
    return connection;
  }

  /** A new connection with the tracks of the old: for when its certificate or ports are of no use any more. */
  private async rebuild(): Promise<void> {
    if (this.closed) return;
    this.watch?.stop();
    this.connection?.close();
    this.connection = null;
    const before = [...this.slots].filter(([, slot]) => slot.transceiver.direction !== "inactive");
    this.slots.clear();
    await this.publish(new Map(before.map(([source, { track, muted }]) => [source, { track, muted }])));
  }

  private negotiate(): Promise<void> {
    this.queue = this.queue.then(() => this.offer()).catch((reason: unknown) => this.listener.failed(reason));
    return this.queue;
  }

  private async offer(): Promise<void> {
    const connection = this.connection;
    if (connection === null || this.closed) return;
    const iceRestart = this.restartIce;
    this.restartIce = false;
    if (connection.signalingState === "have-local-offer") await connection.setLocalDescription({ type: "rollback" });
    await connection.setLocalDescription(await connection.createOffer({ iceRestart }));
    const answer = await this.ask({
      type: "publish.offer",
      sdp: connection.localDescription?.sdp ?? "",
      tracks: this.intents(),
    });
    if (connection !== this.connection) return; // rebuilt meanwhile
    await connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    for (const { mid, producer_id } of answer.producers) {
      for (const slot of this.slots.values()) if (slot.transceiver.mid === mid) slot.producerId = producer_id;
    }
  }

  private intents(): PublishTrack[] {
    const intents: PublishTrack[] = [];
    for (const [source, { transceiver, muted }] of this.slots) {
      if (transceiver.direction !== "inactive" && transceiver.mid !== null) {
        intents.push({ mid: transceiver.mid, source, muted });
      }
    }
    return intents;
  }
}

/** What both transports are made with. */
export function configuration(iceServers: readonly IceServer[]): RTCConfiguration {
  return {
    bundlePolicy: "max-bundle",
    rtcpMuxPolicy: "require",
    iceServers: iceServers.map(({ urls, username, credential }) => ({
      urls,
      ...(username !== null && { username }),
      ...(credential !== null && { credential }),
    })),
  };
}
