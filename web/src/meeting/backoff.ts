/**
 * How long to wait before connecting again: doubling, with jitter, so that a whole room doesn't come back in the same
 * instant.
 */

const FIRST_MS = 250;
const LONGEST_MS = 8000;

/** Milliseconds before attempt number `attempt`, which starts at 0. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}
