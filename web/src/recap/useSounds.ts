/** Gives each sound its address: streamed, whole, or none for now (streams.ts says which). */

import { useEffect, useMemo, useRef, useState } from "react";

import type { RecapSegment, RecapTrack } from "../protocol.generated";
import { freshLinks } from "./api";
import { byNeed, toFetch, toStream } from "./streams";

export interface Sounds {
  streamed: ReadonlySet<string>;
  /** Object URLs of those that are here whole, by track. */
  whole: ReadonlyMap<string, string>;
}

/** position: whole seconds, so that it isn't worked out many times a second. begun: fetch; before, nothing is spent. */
export function useSounds(
  recapId: string,
  tracks: readonly RecapTrack[],
  segments: readonly RecapSegment[],
  position: number,
  begun: boolean,
): Sounds {
  const [whole, setWhole] = useState<ReadonlyMap<string, string>>(new Map());
  const [given, setGiven] = useState<ReadonlySet<string>>(new Set());
  const inNeed = useMemo(() => byNeed(tracks, segments, position), [tracks, segments, position]);
  const streamed = toStream(inNeed, whole)
    .map((one) => one.track)
    .join(" ");
  const fetching = useRef<AbortController | null>(null);

  useEffect(() => {
    const next = begun && fetching.current === null ? toFetch(inNeed, whole, given) : null;
    if (next === null) return;
    const controller = new AbortController();
    fetching.current = controller;
    fetchWhole(recapId, next, controller.signal)
      .then((address) => {
        fetching.current = null;
        setWhole((before) => new Map(before).set(next.track, address));
      })
      .catch(() => {
        fetching.current = null;
        // It is streamed when its turn comes, or told as missing there.
        if (!controller.signal.aborted) setGiven((before) => new Set([...before, next.track]));
      });
  }, [recapId, inNeed, whole, given, begun]);

  const held = useRef(whole);
  held.current = whole;
  useEffect(
    () => () => {
      fetching.current?.abort();
      fetching.current = null;
      for (const address of held.current.values()) URL.revokeObjectURL(address);
    },
    [],
  );
  return useMemo(() => ({ streamed: new Set(streamed.split(" ")), whole }), [streamed, whole]);
}

async function fetchWhole(recapId: string, track: RecapTrack, signal: AbortSignal): Promise<string> {
  const address = (await freshLinks(recapId))[track.file];
  if (address === undefined) throw new Error("The track isn't there.");
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`The track can't be fetched (${response.status}).`);
  return URL.createObjectURL(await response.blob());
}
