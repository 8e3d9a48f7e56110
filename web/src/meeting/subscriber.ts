/**
 * The subscribe transport: one RTCPeerConnection that the server offers. Each offer carries all that there is to receive; only
 * the newest is answered.
 */

import type { Consumer, IceServer, SubscribeOffer } from "../protocol.generated";
import { IceWatch } from "./ice-watch";
import { configuration } from "./publisher";
import type { RequestBody } from "./requests";

type SubscribeRequest = Extract<RequestBody, { type: "subscribe.answer" | "subscribe.restart" }>;

/** A consumer with the track it arrives on. */
export interface Received {
  consumer: Consumer;
  track: MediaStreamTrack | null;
}

export interface SubscriberListener {
  connected: (connected: boolean) => void;
  /** What is received now, the whole list. */
  received: (received: readonly Received[]) => void;
}

export class Subscriber {
  private connection: RTCPeerConnection | null = null;
  private watch: IceWatch | null = null;
  private queue: Promise<void> = Promise.resolve();
  private newest = -1;
  private closed = false;

  constructor(
    private readonly iceServers: readonly IceServer[],
    private readonly ask: (body: SubscribeRequest) => Promise<unknown>,
    private readonly listener: SubscriberListener,
  ) {}

  /** Take an offer; it is answered when those before it are. */
  offered(offer: SubscribeOffer): void {
    this.newest = offer.offer_id;
    this.queue = this.queue
      .then(() => this.answer(offer))
      .catch(() => {
        // The browser can't use this connection any more, or the answer was refused: begin with a new one.
        if (!this.closed && offer.offer_id === this.newest) this.restart(true);
      });
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
  }

  private async answer(offer: SubscribeOffer): Promise<void> {
    if (this.closed || offer.offer_id !== this.newest) return;
    const connection = offer.fresh || this.connection === null ? this.open() : this.connection;
    await connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    await connection.setLocalDescription(await connection.createAnswer());
    if (this.closed) return;
    const tracks = new Map(connection.getTransceivers().map((one) => [one.mid, one.receiver.track]));
    this.listener.received(
      offer.consumers.map((consumer) => ({ consumer, track: tracks.get(consumer.mid) ?? null })),
    );
    const sdp = connection.localDescription?.sdp ?? "";
    await this.ask({ type: "subscribe.answer", offer_id: offer.offer_id, sdp });
  }

  private open(): RTCPeerConnection {
    this.watch?.stop();
    this.connection?.close();
    const connection = new RTCPeerConnection(configuration(this.iceServers));
    this.connection = connection;
    this.watch = new IceWatch(connection, {
      connected: (connected) => this.listener.connected(connected),
      restart: () => this.restart(false),
      rebuild: () => this.restart(true),
    });
    return connection;
  }

  private restart(fresh: boolean): void {
    if (!this.closed) this.ask({ type: "subscribe.restart", fresh }).catch(() => undefined);
  }
}
