import { describe, expect, it } from "vitest";

import { NO_ROOM } from "../meeting/room-state";
import type { Person, Snapshot } from "../meeting/state";
import type { Producer } from "../protocol.generated";
import { arrange } from "./arrangement";

function person(id: string, sources: Producer["source"][] = ["camera"]): Person {
  return {
    participant_id: id,
    name: id,
    role: "member",
    is_guest: false,
    state: "connected",
    joined_at: 0,
    producers: sources.map((source) => ({ producer_id: `${id} ${source}`, participant_id: id, source, muted: false })),
    hand_raised_at: null,
    talk_seconds: 0,
    quality: "good",
    isSelf: id === "me",
  };
}

const room = (...people: Person[]): Snapshot => ({
  ...NO_ROOM,
  phase: { kind: "joined" },
  link: { state: "good" },
  local: {},
  remote: [],
  people,
});

const LOOKS = { layout: "grid", hideSelf: false, pinned: null } as const;
const ids = (pictures: readonly { participantId: string; source: string }[]) =>
  pictures.map((one) => (one.source === "screen" ? `${one.participantId}'s screen` : one.participantId));

describe("the arrangement", () => {
  it("is a grid of everyone", () => {
    const found = arrange(room(person("me"), person("a"), person("b")), LOOKS, "a");
    expect(found.kind === "grid" && ids(found.pictures)).toEqual(["me", "a", "b"]);
  });

  it("of two fills the stage with the other", () => {
    const found = arrange(room(person("me"), person("a")), LOOKS, null);
    expect(found.kind === "duo" && found.other.participantId).toBe("a");
  });

  it("never hides the only one there", () => {
    const found = arrange(room(person("me")), { ...LOOKS, hideSelf: true }, null);
    expect(found.kind === "grid" && ids(found.pictures)).toEqual(["me"]);
  });

  it("hides oneself where asked", () => {
    const found = arrange(room(person("me"), person("a"), person("b")), { ...LOOKS, hideSelf: true }, null);
    expect(found.kind === "grid" && ids(found.pictures)).toEqual(["a", "b"]);
  });

  it("features what somebody shows, the newest of several, and not one's own", () => {
    const people = [person("me", ["screen"]), person("a", ["camera", "screen"]), person("b", ["camera", "screen"])];
    const found = arrange(room(...people), LOOKS, "a");
    expect(found.kind === "featured" && ids([found.main])).toEqual(["b's screen"]);
    expect(found.kind === "featured" && ids(found.others)).toEqual(["a's screen", "me", "a", "b"]);
  });

  it("features who is pinned before anything else", () => {
    const people = [person("me"), person("a", ["camera", "screen"])];
    const pinned = { participantId: "a", source: "camera" } as const;
    const found = arrange(room(...people), { ...LOOKS, pinned }, null);
    expect(found.kind === "featured" && ids([found.main])).toEqual(["a"]);
  });

  it("goes back to the grid when the pinned one has left", () => {
    const pinned = { participantId: "gone", source: "camera" } as const;
    expect(arrange(room(person("me"), person("a"), person("b")), { ...LOOKS, pinned }, null).kind).toBe("grid");
  });

  it("follows who speaks, in the speaker layout", () => {
    const looks = { ...LOOKS, layout: "speaker" } as const;
    const people = [person("me"), person("a"), person("b")];
    const speaking = arrange(room(...people), looks, "b");
    expect(speaking.kind === "featured" && ids([speaking.main])).toEqual(["b"]);
    const silent = arrange(room(...people), looks, null);
    expect(silent.kind === "featured" && ids([silent.main])).toEqual(["a"]);
  });
});
