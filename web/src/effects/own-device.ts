/**
 * A microphone or camera of one's own, and the effect that may lie over it.
 *
 * Who publishes it takes `track` and is told when that becomes another: the device's own track, or what an effect made of
 * it. The effect follows what is wished; where it can't work, the device's own track goes on and the reason is told.
 */

import { EffectError, type EffectState } from "./status";

export interface DeviceListener {
  /** `track` is another one now. */
  changed: () => void;
  /** The device is gone: pulled out, or taken away. */
  ended: () => void;
}

export interface OwnDevice {
  readonly track: MediaStreamTrack;
  /** Off is silent or black, whatever effect lies over it. */
  setEnabled: (enabled: boolean) => void;
  /** One listener; a later one takes its place, and null ends it. */
  listen: (listener: DeviceListener | null) => void;
  /** Closes the device and all that was made for its effect. */
  stop: () => void;
}

/** An effect that runs. */
export interface Effect<Wish> {
  readonly track: MediaStreamTrack;
  /** Something else of the same kind is wanted. */
  change: (wish: Wish) => void;
  stop: () => void;
}

export interface EffectListener {
  /** Whether its track can be used now; it can when it has begun. */
  works: (works: boolean) => void;
  /** It ended by itself. */
  broke: (reason: unknown) => void;
}

/** Begins an effect; resolves when its track can be used. Rejects with EffectError, or with anything when `signal` aborts. */
export type StartEffect<Wish> = (
  raw: MediaStreamTrack,
  wish: Wish,
  signal: AbortSignal,
  listener: EffectListener,
) => Promise<Effect<Wish>>;

export interface EffectPlan<Wish> {
  start: StartEffect<Wish>;
  /** What is wished now; null is no effect. */
  wish: () => Wish | null;
  onWish: (listener: () => void) => () => void;
  tell: (state: EffectState) => void;
}

export class DeviceWithEffect<Wish> implements OwnDevice {
  private effect: Effect<Wish> | null = null;
  /** Lives from the start of an effect to its end. */
  private life: AbortController | null = null;
  private listener: DeviceListener | null = null;
  private shown: MediaStreamTrack;
  private enabled: boolean;
  private stopped = false;
  private readonly forget: () => void;
  private readonly onEnded = () => this.listener?.ended();
  /** Resolves when the wished effect lies over it or has failed. */
  readonly settled: Promise<void>;

  constructor(
    private readonly raw: MediaStreamTrack,
    private readonly plan: EffectPlan<Wish>,
  ) {
    this.shown = raw;
    this.enabled = raw.enabled;
    raw.addEventListener("ended", this.onEnded);
    this.forget = plan.onWish(() => void this.follow());
    this.settled = this.follow();
  }

  get track(): MediaStreamTrack {
    return this.shown;
  }

  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
    this.raw.enabled = enabled;
    if (this.effect !== null) this.effect.track.enabled = enabled;
  }

  listen(listener: DeviceListener | null): void {
    this.listener = listener;
    // It may have gone while its effect began.
    if (listener !== null && this.raw.readyState === "ended") queueMicrotask(this.onEnded);
  }

  stop(): void {
    this.stopped = true;
    this.listener = null;
    this.forget();
    this.end();
    this.raw.removeEventListener("ended", this.onEnded);
    this.raw.stop();
  }

  /** Make it what is wished. */
  private async follow(): Promise<void> {
    const wish = this.plan.wish();
    if (wish === null) {
      this.end();
      this.plan.tell("off");
    } else if (this.life === null) await this.begin(wish);
    else this.effect?.change(wish); // one that is starting takes the newest wish when it is there
  }

  private async begin(wish: Wish): Promise<void> {
    const life = new AbortController();
    this.life = life;
    this.plan.tell("starting");
    try {
      const effect = await this.plan.start(this.raw, wish, life.signal, {
        works: (works) => !life.signal.aborted && this.show(works),
        broke: (reason) => !life.signal.aborted && this.fail(reason),
      });
      if (life.signal.aborted) {
        effect.stop();
        return;
      }
      this.effect = effect;
      effect.track.enabled = this.enabled;
      effect.change(this.plan.wish() ?? wish);
      this.show(true);
    } catch (reason) {
      if (!life.signal.aborted) this.fail(reason);
    }
  }

  private show(works: boolean): void {
    if (this.effect === null) return;
    this.plan.tell(works ? "on" : "starting");
    this.give(works ? this.effect.track : this.raw);
  }

  private fail(reason: unknown): void {
    console.warn("An effect doesn't work:", reason);
    this.end();
    this.plan.tell(reason instanceof EffectError ? reason.problem : "failed");
  }

  /** The device's own track from now on. */
  private end(): void {
    this.life?.abort();
    this.life = null;
    const effect = this.effect;
    this.effect = null;
    if (!this.stopped) this.give(this.raw);
    effect?.stop();
  }

  private give(track: MediaStreamTrack): void {
    if (track === this.shown) return;
    this.shown = track;
    this.listener?.changed();
  }
}
