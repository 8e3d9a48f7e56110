/** The second of the recording that is heard now, whoever plays it: what transcript and chapters follow. */

import { useSyncExternalStore } from "react";

export class Playhead {
  private second: number | null = null;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Null before anything was played. */
  readonly at = (): number | null => this.second;

  set(second: number | null): void {
    if (second === this.second) return;
    this.second = second;
    for (const listener of [...this.listeners]) listener();
  }
}

/** Something that follows from the playhead; the component is drawn anew only when it changes. */
export function useAtPlayhead<Value extends string | number | null>(
  playhead: Playhead,
  of: (second: number | null) => Value,
): Value {
  return useSyncExternalStore(playhead.subscribe, () => of(playhead.at()));
}
