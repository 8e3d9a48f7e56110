import { describe, expect, it } from "vitest";

import type { StageState } from "../protocol.generated";
import { asText } from "./as-text";
import { applyEdit } from "./edits";
import { RECAP, segment, track } from "./fixture";
import { isScrollKey, scrollFor } from "./follow";
import { lineAt, pausesOf, pictureAt, recordingSecond } from "./lookup";
import { askAgain, endedStages, overall } from "./polling";
import { cutAt, hitsIn, searchLines } from "./search";

describe("what belongs to a second", () => {
  const lines = [segment("s1", "p1", 0, 4, "Hello"), segment("s2", "p2", 5, 9, "Hi"), segment("s3", "p1", 6, 7, "Yes")];

  it("is the line that began last", () => {
    expect(lineAt(lines, 4.5)?.segment).toBe("s1");
    expect(lineAt(lines, 6.5)?.segment).toBe("s3");
    expect(lineAt(lines, -1)).toBeNull();
  });

  it("is a shared screen before any camera, and else the camera of who speaks", () => {
    const [ada, ben] = [track("a", "p1", "camera", 0, 60), track("b", "p2", "camera", 0, 60)];
    const screen = track("c", "p1", "screen", 20, 30);
    const tracks = [ada, ben, screen, track("d", "p2", "microphone", 0, 60)];
    expect(pictureAt(tracks, lines, 5.5)).toBe(ben);
    expect(pictureAt(tracks, lines, 6.5)).toBe(ada);
    expect(pictureAt(tracks, lines, 25)).toBe(screen);
    expect(pictureAt([ben], lines, 1)).toBe(ben);
    expect(pictureAt(tracks, lines, 61)).toBeNull();
  });

  it("is found from a second of the reel", () => {
    const chapters = [
      { title: "One", start: 0, end: 5, at: 100 },
      { title: "Two", start: 5, end: 9, at: 300 },
    ];
    expect(recordingSecond(chapters, 6)).toBe(301);
    expect(recordingSecond(chapters, 99)).toBe(304);
    expect(recordingSecond([], 1)).toBeNull();
  });

  it("knows the pauses", () => {
    const mark = { at: 3, person: null, label: "", end: 8 };
    expect(pausesOf([{ ...mark, kind: "pause" }, { ...mark, kind: "screen" }])).toEqual([{ start: 3, end: 8 }]);
  });
});

describe("search", () => {
  it("finds words whatever their case and accents, where they stand", () => {
    expect(hitsIn("Das CAFÉ am Café", "cafe")).toEqual([{ start: 4, end: 8 }, { start: 12, end: 16 }]);
    expect(hitsIn("Cafe\u0301 au lait", "café")).toEqual([{ start: 0, end: 5 }]);
    expect(hitsIn("😀 yes", "YES")).toEqual([{ start: 3, end: 6 }]);
    expect(hitsIn("anything", "  ")).toEqual([]);
  });

  it("names the lines that have it", () => {
    const lines = [segment("s1", "p1", 0, 1, "one two"), segment("s2", "p1", 1, 2, "three")];
    expect([...searchLines(lines, "T").keys()]).toEqual(["s1", "s2"]);
    expect(searchLines(lines, "").size).toBe(0);
  });

  it("cuts a text at its hits without losing any of it", () => {
    const pieces = cutAt("one two one", hitsIn("one two one", "one"));
    expect(pieces.map((one) => one.text).join("")).toBe("one two one");
    expect(pieces.map((one) => one.hit)).toEqual([true, false, true]);
  });
});

describe("following", () => {
  it("leaves a line alone that is in good view, and brings others to the upper third", () => {
    const view = { top: 1000, height: 600 };
    expect(scrollFor({ top: 1200, height: 40 }, view)).toBeNull();
    expect(scrollFor({ top: 1580, height: 40 }, view)).toBe(1380);
    expect(scrollFor({ top: 900, height: 40 }, view)).toBe(700);
    expect(scrollFor({ top: 10, height: 40 }, view)).toBe(0);
  });

  it("takes the keys of a reader as scrolling", () => {
    expect(isScrollKey("PageDown")).toBe(true);
    expect(isScrollKey("Tab")).toBe(false);
  });
});

describe("asking again", () => {
  it("goes on while something is made, and for films and clips after that", () => {
    expect(askAgain(undefined)).toBe(false);
    expect(askAgain({ ...RECAP, state: "working" })).toBe(1500);
    expect(askAgain(RECAP)).toBe(false);
    const film = { stage: "film", state: "running", progress: 0.5, note: "" } as const;
    expect(askAgain({ ...RECAP, stages: [...RECAP.stages, film] })).toBe(1500);
    const clip = (state: StageState) => ({ state, progress: 0, note: "", file: null });
    const moment = { moment: "m1", kind: "action", title: "A", start: 1, end: 2, people: [], in_reel: false };
    const moments = (state: StageState) => [{ ...moment, clip: null }, { ...moment, clip: clip(state) }];
    expect(askAgain({ ...RECAP, moments: moments("waiting") })).toBe(1500);
    expect(askAgain({ ...RECAP, moments: moments("failed") })).toBe(false);
  });

  it("tells what came to an end", () => {
    const running = { stage: "summary", state: "running", progress: 0.2, note: "" } as const;
    const before = { ...RECAP, stages: RECAP.stages.map((one) => (one.stage === "summary" ? running : one)) };
    expect(endedStages(before, RECAP).map((one) => one.stage)).toEqual(["summary"]);
    expect(endedStages(RECAP, RECAP)).toEqual([]);
    expect(overall(before.stages)).toBeCloseTo(0.6);
  });
});

describe("a change", () => {
  it("is shown at once, wherever its item stands", () => {
    const text = (item: string) => applyEdit(RECAP, { item, field: "text", value: "New" });
    expect(text("o1").overview[0]).toMatchObject({ text: "New", edited: true });
    expect(text("l1").topics[0]?.lines[0]?.text).toBe("New");
    expect(applyEdit(RECAP, { item: "a1", field: "done", value: true }).actions[0]?.done).toBe(true);
    expect(applyEdit(RECAP, { item: "a1", field: "owner", value: "p1" }).actions[0]?.owner_name).toBe("Ada");
    expect(applyEdit(RECAP, { item: "a1", field: "owner", value: null }).actions[0]).toMatchObject({ owner: null, owner_name: null });
    expect(applyEdit(RECAP, { item: "a1", field: "due", value: null }).actions[0]?.due).toBeNull();
    expect(applyEdit(RECAP, { item: "d1", field: "deleted", value: true }).decisions).toEqual([]);
  });
});

describe("the recap as text", () => {
  const words = { overview: "Summary", decisions: "Decisions", actions: "Action items", unassigned: "nobody", due: (date: string) => `due ${date}` };

  it("has everything, with its seconds", () => {
    const text = asText(RECAP, "plain", words);
    expect(text).toContain("Launch *plan*\n\nSummary\n- The launch moves to May. (0:05)");
    expect(text).toContain("- [ ] Send the plan (Ben, due 2026-09-25, 0:12)");
  });

  it("lets no word of the meeting become markup", () => {
    expect(asText(RECAP, "markdown", words)).toContain("# Launch \\*plan\\*\n\n## Summary");
  });
});
