/** Which pictures there are and where they go: a pure function of who is there and how somebody looks at it. */

import type { Person, RemoteTrack, Snapshot } from "../meeting/state";
import { type PictureKey, type View, samePicture } from "./view";

/** One picture of the stage. */
export interface Picture extends PictureKey {
  person: Person;
  /** What arrives of it; null for oneself, and while there is nothing. */
  remote: RemoteTrack | null;
  /** One's own picture. */
  own: MediaStreamTrack | null;
}

/**
 * featured: one is large and the others stand beside it. duo: the other fills the stage, oneself floats over it. grid: all
 * alike.
 */
export type Arrangement =
  | { kind: "grid"; pictures: Picture[] }
  | { kind: "duo"; other: Picture; self: Picture }
  | { kind: "featured"; main: Picture; others: Picture[] };

type Looks = Pick<View, "layout" | "hideSelf" | "pinned">;

export function arrange(snapshot: Snapshot, view: Looks, lastSpeaker: string | null): Arrangement {
  const alone = snapshot.people.length === 1;
  const cameras = snapshot.people
    .filter((person) => alone || !(person.isSelf && view.hideSelf))
    .map((person) => picture(snapshot, person, "camera"));
  const screens = snapshot.people
    .filter((person) => !person.isSelf && person.producers.some((one) => one.source === "screen"))
    .map((person) => picture(snapshot, person, "screen"));
  const all = [...screens, ...cameras];

  const main =
    all.find((one) => samePicture(one, view.pinned)) ??
    screens.at(-1) ??
    (view.layout === "speaker" ? speakerOf(cameras, lastSpeaker) : undefined);
  if (main !== undefined) return { kind: "featured", main, others: all.filter((one) => !samePicture(one, main)) };

  const [first, second] = cameras;
  if (cameras.length === 2 && first?.person.isSelf && second !== undefined) {
    return { kind: "duo", self: first, other: second };
  }
  return { kind: "grid", pictures: cameras };
}

function speakerOf(cameras: readonly Picture[], lastSpeaker: string | null): Picture | undefined {
  const others = cameras.filter((one) => !one.person.isSelf);
  return others.find((one) => one.participantId === lastSpeaker) ?? others[0];
}

function picture(snapshot: Snapshot, person: Person, source: "camera" | "screen"): Picture {
  const remote = snapshot.remote.find((one) => one.participantId === person.participant_id && one.source === source);
  const local = person.isSelf ? snapshot.local[source] : undefined;
  return {
    participantId: person.participant_id,
    source,
    person,
    remote: remote ?? null,
    own: local?.on ? local.track : null,
  };
}
