/**
 * A visit to a meeting: wires session, transports and devices together and keeps the snapshot that the pages show.
 */

import type {
  Caption,
  ChatFile,
  ConsumerUpdated,
  Joined,
  Layer,
  Reaction,
  ReactionShown,
  ServerEvent,
  SubscribeOffer,
  Welcome,
} from "../protocol.generated";
import { uploadFile } from "./files";
import { rememberGuest, rememberedGuest } from "./guest-token";
import { type LinkSample, judge, sampleOf } from "./link-quality";
import { LocalMedia, type OpenDevices } from "./local-media";
import { Publisher } from "./publisher";
import type { RequestBody } from "./requests";
import { NO_ROOM, reduceRoom } from "./room-state";
import { Session } from "./session";
import { webSocketUrl } from "./socket";
import type { Entry, Link, Meeting, Phase, RemoteTrack, Snapshot } from "./state";
import { type Received, Subscriber } from "./subscriber";
import { TalkTimes } from "./talk-times";
import { Wanted } from "./wanted";

const FIRST: Snapshot = {
  ...NO_ROOM,
  phase: { kind: "idle" },
  link: { state: "good" },
  local: {},
  remote: [],
};

/** How often the connection is judged. */
const JUDGE_MS = 3_000;
/** Levels come several times a second while somebody is heard; after this silence nobody is. */
const QUIET_MS = 1_000;
/** Loudness below this, in dB under full scale, doesn't show. */
const FLOOR_DB = 70;

/** One visit; a second needs a second. */
export function createMeeting(): Meeting {
  return new Visit();
}

class Visit implements Meeting {
  private snapshot = FIRST;
  private readonly listeners = new Set<() => void>();
  private readonly levelListeners = new Set<(levels: ReadonlyMap<string, number>) => void>();
  private readonly momentListeners = new Set<(moment: ReactionShown | Caption) => void>();
  private session: Session | null = null;
  private publisher: Publisher | null = null;
  private subscriber: Subscriber | null = null;
  private readonly media: LocalMedia;
  private entry: Entry = { code: "" };
  private received: readonly Received[] = [];
  private readonly forwarded = new Map<string, Pick<ConsumerUpdated, "paused" | "layer">>();
  private readonly wanted = new Wanted((consumerId, change) =>
    this.ask({ type: "consumer.update", consumer_id: consumerId, ...change }),
  );
  private readonly talkTimes = new TalkTimes();
  /** The recording that was seen last: a meeting may be left after it was stopped. */
  private recorded: string | null = null;
  private readonly up = { session: true, publish: true, subscribe: true };
  private samples: LinkSample[] = [];
  private quality: Link = { state: "good" };
  private judging: ReturnType<typeof setInterval> | undefined;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private readonly onNetwork = () => this.networkChanged();
  private readonly onPageHide = () => this.dispose();

  constructor() {
    this.media = new LocalMedia({
      changed: (local) => this.update({ local }),
      mute: (producerId, muted) => this.ask({ type: "producer.mute", producer_id: producerId, muted }),
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): Snapshot => this.snapshot;

  readonly onLevels = (listener: (levels: ReadonlyMap<string, number>) => void): (() => void) => {
    this.levelListeners.add(listener);
    return () => this.levelListeners.delete(listener);
  };

  readonly onMoment = (listener: (moment: ReactionShown | Caption) => void): (() => void) => {
    this.momentListeners.add(listener);
    return () => this.momentListeners.delete(listener);
  };

  join(entry: Entry, devices: OpenDevices): void {
    if (this.session !== null) return;
    this.entry = entry;
    this.media.adopt(devices);
    this.update({ phase: { kind: "connecting" } });
    const identity = {
      code: entry.code,
      name: entry.name ?? null,
      acceptTerms: entry.acceptTerms ?? false,
      guestToken: rememberedGuest(entry.code)?.token ?? null,
    };
    this.session = new Session(webSocketUrl(), identity, {
      welcomed: (welcome) => this.welcomed(welcome),
      event: (event) => this.take(event),
      levels: (levels) => this.takeLevels(levels),
      moment: (moment) => {
        for (const listener of [...this.momentListeners]) listener(moment);
      },
      lost: () => this.setUp("session", false),
      refused: (code, message) => {
        const superseded = code === "superseded" && this.snapshot.phase.kind !== "connecting";
        this.end(superseded ? { kind: "over", reason: "superseded", message, recap: null } : { kind: "refused", code, message });
      },
    });
    addEventListener("online", this.onNetwork);
    navigatorConnection()?.addEventListener("change", this.onNetwork);
    addEventListener("pagehide", this.onPageHide);
    this.judging = setInterval(() => void this.judge(), JUDGE_MS);
    this.session.start();
  }

  async withdraw(): Promise<void> {
    await this.ask({ type: "knock.withdraw" });
  }

  async leave(): Promise<void> {
    const said = this.ask({ type: "leave" }).catch(() => undefined);
    const patience = new Promise((resolve) => setTimeout(resolve, 500));
    await Promise.race([said, patience]);
    this.end({ kind: "over", reason: "left", message: "", recap: this.recap() });
  }

  async endForAll(): Promise<void> {
    await this.ask({ type: "meeting.end" });
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.media.setMicrophone(on);
  }

  setCamera(on: boolean): Promise<void> {
    return this.media.setCamera(on);
  }

  setScreenShare(on: boolean): Promise<void> {
    return this.media.setScreenShare(on);
  }

  useDevice(kind: "audioinput" | "videoinput", deviceId: string): Promise<void> {
    return this.media.useDevice(kind, deviceId);
  }

  async sendChat(text: string): Promise<void> {
    await this.ask({ type: "chat.send", text });
  }

  sendFile(file: File, progress?: (share: number) => void): Promise<void> {
    return uploadFile(this.entry.code, file, rememberedGuest(this.entry.code)?.token ?? null, progress);
  }

  fileUrl(file: ChatFile): string {
    const token = rememberedGuest(this.entry.code)?.token;
    const address = `/api/meetings/${this.entry.code}/files/${encodeURIComponent(file.file_id)}`;
    return token === undefined ? address : `${address}?guest_token=${encodeURIComponent(token)}`;
  }

  async raiseHand(raised: boolean): Promise<void> {
    await this.ask({ type: "hand.raise", raised });
  }

  async lowerHand(participantId: string): Promise<void> {
    await this.ask({ type: "participant.lower_hand", participant_id: participantId });
  }

  async react(reaction: Reaction): Promise<void> {
    await this.ask({ type: "reaction.send", reaction });
  }

  async setAgenda(text: string): Promise<void> {
    await this.ask({ type: "meeting.agenda", text });
  }

  async setTimer(seconds: number | null): Promise<void> {
    await this.ask({ type: "meeting.timer", seconds });
  }

  async admit(knockIds: string[] | null): Promise<void> {
    await this.ask({ type: "knock.admit", knock_ids: knockIds });
  }

  async deny(knockIds: string[] | null): Promise<void> {
    await this.ask({ type: "knock.deny", knock_ids: knockIds });
  }

  async muteParticipant(participantId: string, source: "microphone" | "camera" | "screen" | "screen_audio"): Promise<void> {
    await this.ask({ type: "participant.mute", participant_id: participantId, source });
  }

  async removeParticipant(participantId: string): Promise<void> {
    await this.ask({ type: "participant.remove", participant_id: participantId });
  }

  async setCohost(participantId: string, cohost: boolean): Promise<void> {
    await this.ask({ type: "participant.set_role", participant_id: participantId, cohost });
  }

  async setLocked(locked: boolean): Promise<void> {
    await this.ask({ type: "meeting.lock", locked });
  }

  async startRecording(wanted: { recap: boolean; gestures: boolean }): Promise<void> {
    await this.ask({ type: "recording.start", ...wanted });
  }

  async pauseRecording(paused: boolean): Promise<void> {
    await this.ask({ type: "recording.pause", paused });
  }

  async stopRecording(): Promise<void> {
    await this.ask({ type: "recording.stop" });
  }

  setWanted(consumerId: string, layer: Layer | null): void {
    this.wanted.set(consumerId, layer);
  }

  talkSeconds(participantId: string): number {
    return this.talkTimes.seconds(participantId, Date.now() / 1000);
  }

  async usesTcp(): Promise<boolean> {
    const report = await this.subscriber?.stats();
    return report !== undefined && report !== null && sampleOf(report).tcp;
  }

  async stats() {
    const [server, publish, subscribe] = await Promise.all([
      this.ask({ type: "stats.get" }),
      this.publisher?.stats() ?? null,
      this.subscriber?.stats() ?? null,
    ]);
    return { server, browser: { publish, subscribe } };
  }

  dispose(): void {
    this.tearDown();
    this.listeners.clear();
    this.levelListeners.clear();
    this.momentListeners.clear();
  }

  private ask<Body extends RequestBody>(body: Body) {
    if (this.session === null) return Promise.reject(new Error("The meeting has not begun, or is over."));
    return this.session.request(body);
  }

  private welcomed(welcome: Welcome): void {
    if (welcome.guest_token !== null) {
      rememberGuest(this.entry.code, { token: welcome.guest_token, name: this.entry.name ?? "" });
    }
    this.setUp("session", true);
  }

  private take(event: ServerEvent): void {
    switch (event.type) {
      case "knock.waiting":
        this.update({
          phase: {
            kind: "waiting",
            title: event.title,
            recording: event.recording,
            hostPresent: event.host_present,
            expiresAt: event.expires_at,
          },
        });
        return;
      case "knock.ended":
        if (event.outcome !== "admitted") {
          this.end({ kind: "turned-away", outcome: event.outcome, message: event.message });
        }
        return;
      case "removed":
        this.end({ kind: "over", reason: "removed", message: event.message, recap: null });
        return;
      case "meeting.ended":
        this.end({ kind: "over", reason: "ended", message: event.message, recap: event.recap });
        return;
      case "subscribe.offer":
        this.offered(event);
        return;
      case "consumer.updated":
        this.forwarded.set(event.consumer_id, { paused: event.paused, layer: event.layer });
        this.update({ remote: this.remote() });
        return;
      case "joined":
        this.enter(event);
        return;
      default:
        if (event.type === "speaker.active") this.talkTimes.speaks(event.participant_id, Date.now() / 1000);
        this.update(reduceRoom(this.snapshot, event));
    }
  }

  /** Begin, or begin again on another media node. */
  private enter(event: Joined): void {
    this.closeTransports();
    const room = reduceRoom(this.snapshot, event);
    const spoken = event.participants.map((one) => [one.participant_id, one.talk_seconds] as const);
    this.talkTimes.reset(spoken, event.active_speaker, Date.now() / 1000);
    this.publisher = new Publisher(event.ice_servers, (body) => this.ask(body), {
      connected: (connected) => this.setUp("publish", connected),
      failed: () => undefined, // refused only while the session ends or begins again
    });
    this.subscriber = new Subscriber(event.ice_servers, (body) => this.ask(body), {
      connected: (connected) => this.setUp("subscribe", connected),
      received: (received) => {
        this.received = received;
        this.update({ remote: this.remote() });
      },
    });
    this.update({ ...room, phase: { kind: "joined" }, remote: [] });
    void this.media.attach(this.publisher);
  }

  private offered(offer: SubscribeOffer): void {
    const current = new Set(offer.consumers.map((consumer) => consumer.consumer_id));
    this.wanted.keep(current);
    for (const id of this.forwarded.keys()) if (!current.has(id)) this.forwarded.delete(id);
    this.subscriber?.offered(offer);
  }

  private update(part: Partial<Snapshot>): void {
    const before = this.snapshot;
    const next = { ...before, ...part };
    if (next.people !== before.people) {
      this.noticeHostMutes(before, next);
      next.remote = this.remote(next);
    }
    this.recorded = next.meeting?.recording?.recording_id ?? this.recorded;
    this.snapshot = next;
    for (const listener of [...this.listeners]) listener();
  }

  /** A producer of ours that is muted while we think it is on was muted by a host. */
  private noticeHostMutes(before: Snapshot, next: Snapshot): void {
    const own = (snapshot: Snapshot) => snapshot.people.find((one) => one.isSelf)?.producers ?? [];
    for (const producer of own(next)) {
      const was = own(before).find((one) => one.producer_id === producer.producer_id);
      if (producer.muted && was?.muted === false && next.local[producer.source]?.on) {
        this.media.mutedByHost(producer.source);
      }
    }
  }

  private remote(snapshot: Snapshot = this.snapshot): readonly RemoteTrack[] {
    const producers = new Map(snapshot.people.flatMap((one) => one.producers).map((one) => [one.producer_id, one]));
    const known = new Map(snapshot.remote.map((one) => [one.consumerId, one]));
    return this.received.map(({ consumer, track }) => {
      const forwarded = this.forwarded.get(consumer.consumer_id);
      const next: RemoteTrack = {
        consumerId: consumer.consumer_id,
        producerId: consumer.producer_id,
        participantId: consumer.participant_id,
        source: consumer.source,
        track,
        muted: producers.get(consumer.producer_id)?.muted ?? false,
        paused: forwarded?.paused ?? false,
        layer: forwarded === undefined ? "high" : forwarded.layer,
      };
      const before = known.get(next.consumerId);
      return before !== undefined && same(before, next) ? before : next;
    });
  }

  private takeLevels(levels: Record<string, number>): void {
    const loudness = Object.entries(levels).map(([id, db]) => [id, Math.max(0, 1 - db / FLOOR_DB)] as const);
    this.tellLevels(new Map(loudness));
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.tellLevels(new Map()), QUIET_MS);
  }

  private tellLevels(levels: ReadonlyMap<string, number>): void {
    for (const listener of [...this.levelListeners]) listener(levels);
  }

  private networkChanged(): void {
    this.session?.probe();
    this.publisher?.repair();
    this.subscriber?.repair();
  }

  private setUp(part: keyof Visit["up"], up: boolean): void {
    if (this.up[part] === up) return;
    this.up[part] = up;
    // Media that falters is the first sign of a network that changed; the socket may not have noticed yet.
    if (part !== "session" && !up) this.session?.probe();
    this.showLink();
  }

  private async judge(): Promise<void> {
    const reports = await Promise.all([this.publisher?.stats() ?? null, this.subscriber?.stats() ?? null]);
    const samples = reports.filter((report) => report !== null).map(sampleOf);
    this.quality = this.samples.length === samples.length ? judge(this.samples, samples) : { state: "good" };
    this.samples = samples;
    this.showLink();
  }

  private showLink(): void {
    const up = this.up.session && this.up.publish && this.up.subscribe;
    const link: Link = up ? this.quality : { state: "reconnecting" };
    if (!same(link, this.snapshot.link)) this.update({ link });
  }

  /** Where a member finds what is made of the recording. */
  private recap(): string | null {
    const { role } = this.snapshot;
    return role === null || role === "guest" ? null : this.recorded;
  }

  private end(phase: Phase): void {
    if (phase.kind === "over" && phase.reason === "ended") rememberGuest(this.entry.code, null);
    this.tearDown();
    this.update({ phase, link: { state: "good" }, remote: [] });
  }

  private tearDown(): void {
    removeEventListener("online", this.onNetwork);
    removeEventListener("pagehide", this.onPageHide);
    navigatorConnection()?.removeEventListener("change", this.onNetwork);
    clearInterval(this.judging);
    clearTimeout(this.quiet);
    this.session?.close();
    this.closeTransports();
    this.media.close();
  }

  private closeTransports(): void {
    void this.media.attach(null);
    this.publisher?.close();
    this.subscriber?.close();
    this.publisher = null;
    this.subscriber = null;
    this.received = [];
    this.forwarded.clear();
    this.wanted.clear();
    this.samples = [];
    this.up.publish = true;
    this.up.subscribe = true;
  }
}

function same(a: object, b: object): boolean {
  const keys = Object.keys(a);
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return keys.length === Object.keys(b).length && keys.every((key) => left[key] === right[key]);
}

/** The Network Information API, where the browser has it: it tells of a change between Wi-Fi and cable. */
function navigatorConnection(): EventTarget | undefined {
  return (navigator as { connection?: EventTarget }).connection;
}
