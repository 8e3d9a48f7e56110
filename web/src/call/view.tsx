/** How this person looks at the meeting: theirs alone, and remembered in this browser where it makes sense next time. */

import { type ReactNode, createContext, useCallback, useContext, useMemo, useState } from "react";

export type Layout = "grid" | "speaker";

/** One picture: somebody's camera or screen. */
export interface PictureKey {
  participantId: string;
  source: "camera" | "screen";
}

interface Kept {
  layout: Layout;
  hideSelf: boolean;
  audioOnly: boolean;
}

export interface View extends Kept {
  pinned: PictureKey | null;
  change: (part: Partial<Kept>) => void;
  pin: (picture: PictureKey | null) => void;
}

const KEPT = "parley.view";
const FIRST: Kept = { layout: "grid", hideSelf: false, audioOnly: false };

const ViewContext = createContext<View | null>(null);

export function ViewProvider({ children }: { children: ReactNode }) {
  const [kept, setKept] = useState<Kept>(load);
  const [pinned, pin] = useState<PictureKey | null>(null);
  const change = useCallback((part: Partial<Kept>) => {
    setKept((before) => {
      const next = { ...before, ...part };
      save(next);
      return next;
    });
  }, []);
  const view = useMemo<View>(() => ({ ...kept, pinned, change, pin }), [kept, pinned, change]);
  return <ViewContext value={view}>{children}</ViewContext>;
}

export function useView(): View {
  const view = useContext(ViewContext);
  if (view === null) throw new Error("useView needs a ViewProvider");
  return view;
}

export function samePicture(a: PictureKey | null, b: PictureKey | null): boolean {
  return a !== null && b !== null && a.participantId === b.participantId && a.source === b.source;
}

function load(): Kept {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Partial<Kept> | null;
    return {
      layout: found?.layout === "speaker" ? "speaker" : "grid",
      hideSelf: found?.hideSelf === true,
      audioOnly: found?.audioOnly === true,
    };
  } catch {
    return FIRST;
  }
}

function save(kept: Kept): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // Storage is off or full: it lasts as long as the page.
  }
}
