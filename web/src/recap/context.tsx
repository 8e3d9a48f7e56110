/** What all parts of the recap page share: the recap as it is now, and what can be done with it. */

import { createContext, useContext } from "react";

import type { EditRecap, Recap, RecapSegment, RecapTranscript } from "../protocol.generated";
import type { Playhead } from "./playhead";

export interface RecapView {
  recap: Recap;
  /** Undefined until it is loaded. */
  transcript: RecapTranscript | undefined;
  segments: readonly RecapSegment[];
  /** Addresses of media by file name. */
  links: Readonly<Record<string, string>>;
  playhead: Playhead;
  nameOf: (person: string | null) => string;
  /** Play the recording from there. */
  jump: (second: number) => void;
  /** Change an item; shown at once. Rejects with words fit to show. */
  edit: (change: EditRecap) => Promise<void>;
}

const Context = createContext<RecapView | null>(null);

export const RecapProvider = Context.Provider;

export function useRecapView(): RecapView {
  const view = useContext(Context);
  if (view === null) throw new Error("useRecapView needs a RecapProvider");
  return view;
}
