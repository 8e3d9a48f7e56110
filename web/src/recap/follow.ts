/** When the transcript scrolls by itself: it follows what is played until the reader scrolls, and again when asked to. */

/** Where to scroll so that the line is in good view: null where it already is. Pixels within the scrolled content. */
export function scrollFor(
  line: { top: number; height: number },
  view: { top: number; height: number },
): number | null {
  const [above, below] = [view.top + view.height * 0.1, view.top + view.height * 0.75];
  if (line.top >= above && line.top + Math.min(line.height, view.height * 0.5) <= below) return null;
  return Math.max(0, line.top - view.height / 3);
}

/** The keys by which a reader scrolls. */
const SCROLLING = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "]);

export const isScrollKey = (key: string) => SCROLLING.has(key);
