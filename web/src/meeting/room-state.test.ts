import { describe, expect, it } from "vitest";

import type { Joined, Participant, Producer, ServerEvent } from "../protocol.generated";
import { NO_ROOM, type RoomState, reduceRoom } from "./room-state";

const producer = (id: string, owner: string, muted = false): Producer => ({
  producer_id: id,
  participant_id: owner,
  source: "camera",
  muted,
});

const participant = (id: string, at: number, part: Partial<Participant> = {}): Participant => ({
  participant_id: id,
  name: id,
  role: "guest",
  is_guest: true,
  state: "connected",
  joined_at: at,
  producers: [],
  hand_raised_at: null,
  talk_seconds: 0,
  quality: "good",
  ...part,
});

const JOINED: Joined = {
  type: "joined",
  participant_id: "me",
  role: "host",
  meeting: {
    code: "c",
    title: "t",
    started_at: 1,
    locked: false,
    recording: null,
    agenda: "",
    timer: null,
    scheduled_end: null,
  },
  participants: [participant("first", 1), participant("me", 2, { role: "host" })],
  knocks: [{ knock_id: "k", name: "Gus", at: 1 }],
  chat: [],
  ice_servers: [],
  active_speaker: "first",
  seq: 1,
};

const after = (...events: object[]): RoomState =>
  events.reduce<RoomState>((state, event) => reduceRoom(state, { seq: 0, ...event } as ServerEvent), reduceRoom(NO_ROOM, JOINED));

describe("the room's state", () => {
  it("has oneself first, then the others as they came", () => {
    const state = after({ type: "participant.joined", participant: participant("late", 9) });
    expect(state.people.map((one) => one.participant_id)).toEqual(["me", "first", "late"]);
    expect(state.people.map((one) => one.isSelf)).toEqual([true, false, false]);
  });

  it("forgets a speaker who left", () => {
    const state = after({ type: "participant.left", participant_id: "first", reason: "left" });
    expect(state.activeSpeaker).toBeNull();
    expect(state.people).toHaveLength(1);
  });

  it("keeps producers with their owner", () => {
    const added = { type: "producer.added", producer: producer("p", "first") };
    expect(after(added).people[1]?.producers).toHaveLength(1);
    const muted = { type: "producer.updated", producer: producer("p", "first", true), by: null };
    expect(after(added, muted).people[1]?.producers[0]?.muted).toBe(true);
    const removed = { type: "producer.removed", producer_id: "p", participant_id: "first" };
    expect(after(added, removed).people[1]?.producers).toEqual([]);
  });

  it("takes knocks away from whoever is no longer host", () => {
    const state = after({ type: "participant.updated", participant: participant("me", 2, { role: "member" }) });
    expect(state.role).toBe("member");
    expect(state.knocks).toEqual([]);
  });

  it("shows a knock once", () => {
    const knock = { type: "knock.added", knock: { knock_id: "k", name: "Gus", at: 1 } };
    expect(after(knock).knocks).toHaveLength(1);
    expect(after({ type: "knock.removed", knock_id: "k", outcome: "denied" }).knocks).toEqual([]);
  });

  it("starts over with a second joined, but forgets nothing that was written", () => {
    const line = (id: string, at: number) => ({ message_id: id, participant_id: "me", name: "me", text: id, at, file: null });
    const first = { type: "chat.message", message: line("a", 1) };
    const again = { ...JOINED, participants: [participant("me", 2)], chat: [line("a", 1), line("b", 2)] };
    expect(after(first, again).people).toHaveLength(1);
    expect(after(first, again).chat.map((message) => message.message_id)).toEqual(["a", "b"]);
    expect(after(first, JOINED).chat.map((message) => message.message_id)).toEqual(["a"]);
  });

  it("stays the same object when nothing of it changed", () => {
    const state = after();
    expect(reduceRoom(state, { type: "consumer.updated", consumer_id: "c", paused: true, layer: null, seq: 2 })).toBe(state);
  });
});
