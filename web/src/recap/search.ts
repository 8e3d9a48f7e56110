/** Finding words in the transcript: accents and case don't matter, and hits are places in the text as it is written. */

import type { RecapSegment } from "../protocol.generated";

/** From `start` up to `end`, in UTF-16 units of the text. */
export interface Hit {
  start: number;
  end: number;
}

/** Text folded for comparing, with the place in the original of each of its units. */
function folded(text: string): { text: string; places: number[] } {
  let result = "";
  const places: number[] = [];
  let place = 0;
  for (const character of text) {
    const plain = character.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    for (let unit = 0; unit < plain.length; unit += 1) places.push(place);
    result += plain;
    place += character.length;
  }
  places.push(place);
  return { text: result, places };
}

/** Where the words stand in the text, in order, without overlaps. */
export function hitsIn(text: string, query: string): Hit[] {
  const wanted = folded(query.trim().replace(/\s+/g, " ")).text;
  if (wanted === "") return [];
  const within = folded(text);
  const hits: Hit[] = [];
  for (let from = within.text.indexOf(wanted); from !== -1; from = within.text.indexOf(wanted, from + wanted.length)) {
    const start = within.places[from] ?? 0;
    let end = from + wanted.length;
    // A character that folds to several, and marks that fold to none, are taken whole.
    while (end < within.places.length - 1 && within.places[end] === within.places[end - 1]) end += 1;
    hits.push({ start, end: within.places[end] ?? text.length });
  }
  return hits;
}

/** The lines that have it, in order, with their hits. */
export function searchLines(segments: readonly RecapSegment[], query: string): Map<string, Hit[]> {
  const found = new Map<string, Hit[]>();
  if (query.trim() === "") return found;
  for (const segment of segments) {
    const hits = hitsIn(segment.text, query);
    if (hits.length > 0) found.set(segment.segment, hits);
  }
  return found;
}

/** The text cut at its hits. */
export function cutAt(text: string, hits: readonly Hit[]): { text: string; hit: boolean }[] {
  const pieces: { text: string; hit: boolean }[] = [];
  let end = 0;
  for (const hit of hits) {
    if (hit.start > end) pieces.push({ text: text.slice(end, hit.start), hit: false });
    pieces.push({ text: text.slice(hit.start, hit.end), hit: true });
    end = hit.end;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), hit: false });
  return pieces;
}
