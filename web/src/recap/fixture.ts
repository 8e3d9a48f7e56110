/** A small recap for tests. */

import type { Recap, RecapSegment, RecapTrack } from "../protocol.generated";

export const segment = (id: string, person: string, start: number, end: number, text: string): RecapSegment => ({
  segment: id,
  person,
  start,
  end,
  text,
  state: "text",
  reason: "",
  confirmed: true,
});

export const track = (id: string, person: string, source: string, start: number, end: number): RecapTrack => ({
  track: id,
  person,
  source,
  start,
  end,
  file: `play/${id}.webm`,
});

export const RECAP: Recap = {
  recap_id: "r1",
  conversation_id: "c1",
  meeting_id: "m1",
  title: "Launch *plan*",
  started_at: 1_790_000_000,
  duration: 120,
  state: "ready",
  stages: [
    { stage: "transcript", state: "done", progress: 1, note: "" },
    { stage: "summary", state: "done", progress: 1, note: "" },
  ],
  people: [
    { person: "p1", name: "Ada", is_guest: false, talk_seconds: 60 },
    { person: "p2", name: "Ben", is_guest: true, talk_seconds: 30 },
  ],
  draft: false,
  engines: {},
  notes: [],
  overview: [{ item: "o1", text: "The launch moves to May.", at: 5, cites: ["s1"], edited: false }],
  topics: [
    {
      item: "t1",
      title: "Launch",
      start: 0,
      end: 120,
      lines: [{ item: "l1", text: "Tests are late.", at: 12, cites: ["s2"], edited: false }],
    },
  ],
  decisions: [{ item: "d1", text: "Launch in May", at: 6, cites: ["s1"], edited: false }],
  actions: [
    {
      item: "a1",
      text: "Send the plan",
      at: 12,
      cites: ["s2"],
      owner: "p2",
      owner_name: "Ben",
      due: "2026-09-25",
      due_text: "by Friday",
      done: false,
      edited: false,
    },
  ],
  moments: [],
  reel: null,
  film: null,
  tracks: [],
  marks: [],
  chat: [],
  can_delete: false,
  kept_until: 1_800_000_000,
};
