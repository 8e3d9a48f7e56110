/**
 * Which sounds are streamed. A browser opens six connections to a server and a media element keeps its own, so ten
 * microphones at once would starve each other and the page. Those that are heard first are streamed; one after the other,
 * in the same order, all are fetched whole and need no connection from then on.
 */

import type { RecapSegment, RecapTrack } from "../protocol.generated";

/** Of six: two of pictures, one for fetching whole, one for the page itself. */
export const STREAMS = 2;

/** The sounds in the order in which they will be heard from that position on; those that are over come last. */
export function byNeed(
  tracks: readonly RecapTrack[],
  segments: readonly RecapSegment[],
  position: number,
): RecapTrack[] {
  const ahead = segments.filter((one) => one.end > position);
  const need = (track: RecapTrack): number => {
    if (track.end <= position) return Infinity;
    const here = Math.max(track.start, position);
    if (track.source !== "microphone") return here;
    const spoken = ahead.find((one) => one.person === track.person && one.end > track.start && one.start < track.end);
    // Who says nothing more may still laugh or type.
    return spoken === undefined ? 1e9 + here : Math.max(here, spoken.start);
  };
  return tracks
    .map((track, index) => ({ track, index, at: need(track) }))
    .sort((a, b) => (a.at === b.at ? a.index - b.index : a.at - b.at))
    .map((one) => one.track);
}

/** Those to stream: the first in need that aren't there whole. */
export function toStream(inNeed: readonly RecapTrack[], whole: ReadonlyMap<string, string>): RecapTrack[] {
  return inNeed.filter((one) => !whole.has(one.track)).slice(0, STREAMS);
}

/** The next one to fetch whole; null when all are there. Where all fit into streams, none is needed. */
export function toFetch(
  inNeed: readonly RecapTrack[],
  whole: ReadonlyMap<string, string>,
  given: ReadonlySet<string>,
): RecapTrack | null {
  if (inNeed.length <= STREAMS) return null;
  return inNeed.find((one) => !whole.has(one.track) && !given.has(one.track)) ?? null;
}
