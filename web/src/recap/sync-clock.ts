/**
 * One clock for many tracks: where the recording is now, and what each media element must do to be there too.
 *
 * Sans DOM: times come in as parameters (`now`, seconds of any monotonic clock), orders go out. Positions are seconds into
 * the recording; second 0 of a track's file is the track's `start`. Where the recording was paused there is nothing to
 * hear: the clock jumps over it.
 */

export interface Span {
  start: number;
  end: number;
}

/** Off by less than this, nobody hears or sees it. */
const CLOSE = 0.02;
/** From here on an element is brought back gently, by playing a little faster or slower. */
const APART = 0.06;
/** From here on it has to jump. */
const FAR = 0.3;
/** How much faster or slower. */
const NUDGE = 0.05;

export class SyncClock {
  private base = 0;
  private since = 0;
  private wanted = false;
  private held = false;
  private speed = 1;

  constructor(
    private duration: number,
    private pauses: readonly Span[] = [],
  ) {}

  /** Whether it is meant to play; it may still wait for media. */
  get playing(): boolean {
    return this.wanted;
  }

  /** Whether time passes. */
  get running(): boolean {
    return this.wanted && !this.held;
  }

  get rate(): number {
    return this.speed;
  }

  /** The recording is longer than was known. */
  extend(duration: number, pauses: readonly Span[]): void {
    this.duration = duration;
    this.pauses = pauses;
  }

  /** At its end it begins anew. */
  play(now: number): void {
    if (this.wanted) return;
    this.base = this.base >= this.duration ? this.beyondPause(0) : this.base;
    this.since = now;
    this.wanted = true;
  }

  pause(now: number): void {
    this.settle(now);
    this.wanted = false;
    this.held = false;
  }

  seek(position: number, now: number): void {
    this.base = this.beyondPause(Math.min(Math.max(0, position), this.duration));
    this.since = now;
  }

  setRate(rate: number, now: number): void {
    this.settle(now);
    this.speed = rate;
  }

  /** Stand still, or go on, while media that should sound hasn't arrived. */
  hold(held: boolean, now: number): void {
    if (held === this.held) return;
    this.settle(now);
    this.held = held;
  }

  /** Where it is; stops itself at the end. */
  position(now: number): number {
    this.settle(now);
    if (this.base >= this.duration) this.wanted = false;
    return this.base;
  }

  private settle(now: number): void {
    if (this.running) this.base = Math.min(this.beyondPause(this.base + (now - this.since) * this.speed), this.duration);
    this.since = now;
  }

  private beyondPause(position: number): number {
    const within = this.pauses.find((one) => position >= one.start && position < one.end);
    return within === undefined ? position : Math.min(within.end, this.duration);
  }
}

/** What a media element is at. */
export interface MediaState {
  /** Seconds into its file. */
  at: number;
  rate: number;
}

/** What it has to do. seekTo: seconds into its file. */
export interface MediaOrder {
  play: boolean;
  rate: number;
  seekTo: number | null;
}

/** Whether a track has anything at that position. */
export function covers(track: Span, position: number): boolean {
  return position >= track.start && position < track.end;
}

/** What the element of a track has to do so that it is where the clock is. */
export function orderFor(track: Span, position: number, media: MediaState, running: boolean, rate: number): MediaOrder {
  if (!covers(track, position)) return { play: false, rate, seekTo: null };
  const behind = position - track.start - media.at;
  const off = Math.abs(behind);
  if (!running) return { play: false, rate, seekTo: off > APART ? position - track.start : null };
  if (off > FAR) return { play: true, rate, seekTo: position - track.start };
  const nudged = media.rate !== rate;
  if (off > APART || (nudged && off > CLOSE)) {
    return { play: true, rate: rate * (behind > 0 ? 1 + NUDGE : 1 - NUDGE), seekTo: null };
  }
  return { play: true, rate, seekTo: null };
}
