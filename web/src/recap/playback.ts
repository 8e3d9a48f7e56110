/**
 * Plays the recorded tracks together: the thin shell between the clock's orders (sync-clock.ts) and media elements.
 *
 * Pages subscribe to it; what it tells keeps its identity until something that can be seen has changed.
 */

import type { RecapTrack } from "../protocol.generated";
import { isSound } from "./lookup";
import { type Span, SyncClock, covers, orderFor } from "./sync-clock";

/** How often the elements are brought into line. */
const STEP_MS = 100;
/** An element that has not come by then is played without. */
const PATIENCE_S = 6;

export interface PlaybackState {
  playing: boolean;
  /** It should play, but media hasn't arrived. */
  waiting: boolean;
  rate: number;
  /** Seconds into the recording. */
  position: number;
  /** The browser wants another press of the button. */
  blocked: boolean;
}

export class Playback {
  private readonly clock: SyncClock;
  private readonly elements = new Map<string, { track: RecapTrack; element: HTMLMediaElement }>();
  private readonly listeners = new Set<() => void>();
  private state: PlaybackState = { playing: false, waiting: false, rate: 1, position: 0, blocked: false };
  private timer: ReturnType<typeof setInterval> | undefined;
  private waitingSince: number | null = null;
  private primed = false;
  private blocked = false;

  constructor(duration: number, pauses: readonly Span[]) {
    this.clock = new SyncClock(duration, pauses);
    this.clock.seek(0, now());
    this.tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): PlaybackState => this.state;

  extend(duration: number, pauses: readonly Span[]): void {
    this.clock.extend(duration, pauses);
  }

  /** Take an element into the ensemble; the answer takes it out again. */
  attach(track: RecapTrack, element: HTMLMediaElement): () => void {
    this.elements.set(track.track, { track, element });
    this.step();
    return () => {
      element.pause();
      this.elements.delete(track.track);
    };
  }

  play(): void {
    this.prime();
    this.blocked = false;
    this.clock.play(now());
    this.step();
  }

  pause(): void {
    this.clock.pause(now());
    this.waitingSince = null;
    this.step();
  }

  toggle(): void {
    if (this.clock.playing) this.pause();
    else this.play();
  }

  seek(position: number): void {
    this.clock.seek(position, now());
    this.waitingSince = null;
    this.step();
  }

  skip(seconds: number): void {
    this.seek(this.clock.position(now()) + seconds);
  }

  setRate(rate: number): void {
    this.clock.setRate(rate, now());
    this.step();
  }

  dispose(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    for (const { element } of this.elements.values()) element.pause();
  }

  /** Some browsers let an element sound only once a press of a button has started it. */
  private prime(): void {
    if (this.primed) return;
    this.primed = true;
    for (const { track, element } of this.elements.values()) {
      if (!isSound(track)) continue;
      const started = element.play();
      if (!covers(track, this.clock.position(now()))) started.then(() => element.pause()).catch(() => undefined);
      else started.catch(() => undefined);
    }
  }

  private step(): void {
    const at = now();
    const position = this.clock.position(at);
    this.clock.hold(this.mustWait(position, at), at);
    for (const { track, element } of this.elements.values()) this.apply(track, element, position);
    if (this.clock.playing) this.timer ??= setInterval(() => this.step(), STEP_MS);
    else {
      clearInterval(this.timer);
      this.timer = undefined;
    }
    this.tell();
  }

  private apply(track: RecapTrack, element: HTMLMediaElement, position: number): void {
    if (element.error !== null) return;
    const order = orderFor(
      track,
      position,
      { at: element.currentTime, rate: element.playbackRate },
      this.clock.running,
      this.clock.rate,
    );
    if (order.seekTo !== null && !element.seeking) element.currentTime = order.seekTo;
    if (element.playbackRate !== order.rate) element.playbackRate = order.rate;
    if (order.play && element.paused) {
      element.play().catch((reason: unknown) => {
        if (!(reason instanceof DOMException) || reason.name !== "NotAllowedError") return;
        this.clock.pause(now());
        this.blocked = true;
        this.step();
      });
    } else if (!order.play && !element.paused) element.pause();
  }

  /** Whether something that belongs here hasn't arrived; not for ever. */
  private mustWait(position: number, at: number): boolean {
    if (!this.clock.playing) return false;
    const missing = [...this.elements.values()].some(
      ({ track, element }) =>
        covers(track, position) &&
        element.hasAttribute("src") &&
        element.error === null &&
        position < track.end - 0.5 &&
        (element.seeking || element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA),
    );
    if (!missing) this.waitingSince = null;
    else this.waitingSince ??= at;
    return missing && at - (this.waitingSince ?? at) < PATIENCE_S;
  }

  private tell(): void {
    const next: PlaybackState = {
      playing: this.clock.playing,
      waiting: this.clock.playing && !this.clock.running,
      rate: this.clock.rate,
      position: this.clock.position(now()),
      blocked: this.blocked,
    };
    const before = this.state;
    const keys = Object.keys(next) as (keyof PlaybackState)[];
    if (keys.every((key) => next[key] === before[key])) return;
    this.state = next;
    for (const listener of [...this.listeners]) listener();
  }
}

const now = () => performance.now() / 1000;
