/** What belongs to a second of the recording: the line that is spoken, the picture that is shown, the chapter. */

import type { RecapChapter, RecapMark, RecapSegment, RecapTrack } from "../protocol.generated";
import { type Span, covers } from "./sync-clock";

/** The line that is spoken then, or was last; the one that began last where people speak at once. */
export function lineAt(segments: readonly RecapSegment[], position: number): RecapSegment | null {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.start ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1] ?? null;
}

/** A shared screen before a camera; of the cameras that of who speaks, or else one that is on. */
export function pictureAt(
  tracks: readonly RecapTrack[],
  segments: readonly RecapSegment[],
  position: number,
): RecapTrack | null {
  const on = tracks.filter((one) => covers(one, position));
  const screens = on.filter((one) => one.source === "screen");
  if (screens.length > 0) return screens.reduce((last, one) => (one.start >= last.start ? one : last));
  const cameras = on.filter((one) => one.source === "camera");
  const speaker = lineAt(segments, position)?.person;
  return cameras.find((one) => one.person === speaker) ?? cameras[0] ?? null;
}

/** Who is heard. */
export const isSound = (track: RecapTrack) => track.source === "microphone" || track.source === "screen_audio";

/** When nothing was recorded on purpose. */
export function pausesOf(marks: readonly RecapMark[]): Span[] {
  return marks.flatMap((one) => (one.kind === "pause" && one.end !== null ? [{ start: one.at, end: one.end }] : []));
}

/** Where in the recording a second of a film is. */
export function recordingSecond(chapters: readonly RecapChapter[], second: number): number | null {
  const chapter = chapters.findLast((one) => one.start <= second);
  return chapter === undefined ? null : chapter.at + Math.min(second, chapter.end) - chapter.start;
}
