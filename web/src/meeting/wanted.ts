/**
 * What the page wants of each consumer, told to the server when it has settled: a tile that only moves to another place is
 * no reason to pause and resume.
 */

import type { Layer } from "../protocol.generated";

const SETTLE_MS = 80;

/** Tell the server: pause, resume or bound the layer. Rejects when it couldn't be told. */
export type Tell = (consumerId: string, change: { paused?: boolean; max_layer?: Layer }) => Promise<unknown>;

export class Wanted {
  private readonly wanted = new Map<string, Layer | null>();
  private readonly told = new Map<string, Layer | null>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: Tell) {}

  /** The highest layer that can be seen; null: nothing of it. */
  set(consumerId: string, layer: Layer | null): void {
    this.wanted.set(consumerId, layer);
    this.timer ??= setTimeout(() => this.settle(), SETTLE_MS);
  }

  /** These consumers are all there are. */
  keep(consumerIds: ReadonlySet<string>): void {
    for (const map of [this.wanted, this.told]) {
      for (const id of map.keys()) if (!consumerIds.has(id)) map.delete(id);
    }
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wanted.clear();
    this.told.clear();
  }

  private settle(): void {
    this.timer = undefined;
    for (const [id, layer] of this.wanted) {
      const before = this.told.get(id);
      if (before === layer) continue;
      this.told.set(id, layer);
      const paused = layer === null;
      const change = {
        ...(paused !== (before === null) && { paused }),
        ...(layer !== null && { max_layer: layer }),
      };
      this.tell(id, change).catch(() => this.told.delete(id));
    }
  }
}
