/** Raised hands, in the order in which they went up. */

import type { Person } from "../meeting/state";

export function raisedHands(people: readonly Person[]): Person[] {
  return people
    .filter((person) => person.hand_raised_at !== null)
    .sort((a, b) => (a.hand_raised_at ?? 0) - (b.hand_raised_at ?? 0));
}

/** Whose turn it is by number, from 1; null for who hasn't raised a hand. */
export function handNumber(people: readonly Person[], participantId: string): number | null {
  const index = raisedHands(people).findIndex((person) => person.participant_id === participantId);
  return index < 0 ? null : index + 1;
}
