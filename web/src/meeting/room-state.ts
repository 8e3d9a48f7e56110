/** What the events say about the room: a pure function from the state before and one event to the state after. */

import type {
  ChatMessage,
  Joined,
  Knock,
  MeetingState,
  Participant,
  Producer,
  Role,
  ServerEvent,
} from "../protocol.generated";
import type { Person } from "./state";

/** The part of the snapshot that the room's events make. */
export interface RoomState {
  meeting: MeetingState | null;
  selfId: string | null;
  role: Role | null;
  people: readonly Person[];
  knocks: readonly Knock[];
  chat: readonly ChatMessage[];
  activeSpeaker: string | null;
}

export const NO_ROOM: RoomState = {
  meeting: null,
  selfId: null,
  role: null,
  people: [],
  knocks: [],
  chat: [],
  activeSpeaker: null,
};

/** The state after an event; the same object where the event says nothing about the room. */
export function reduceRoom(state: RoomState, event: ServerEvent): RoomState {
  switch (event.type) {
    case "joined":
      return entered(state, event);
    case "participant.joined":
      return { ...state, people: order([...without(state.people, event.participant.participant_id), person(state, event.participant)]) };
    case "participant.updated": {
      const updated = person(state, event.participant);
      const people = state.people.map((one) => (one.participant_id === updated.participant_id ? updated : one));
      const role = updated.isSelf ? updated.role : state.role;
      return { ...state, people, role, knocks: decides(role) ? state.knocks : [] };
    }
    case "participant.left":
      return {
        ...state,
        people: without(state.people, event.participant_id),
        activeSpeaker: state.activeSpeaker === event.participant_id ? null : state.activeSpeaker,
      };
    case "producer.added":
    case "producer.updated":
      return withProducers(state, event.producer.participant_id, (before) => put(before, event.producer));
    case "producer.removed":
      return withProducers(state, event.participant_id, (before) =>
        before.filter((one) => one.producer_id !== event.producer_id),
      );
    case "speaker.active":
      return { ...state, activeSpeaker: event.participant_id };
    case "knock.added":
      return { ...state, knocks: [...state.knocks.filter((one) => one.knock_id !== event.knock.knock_id), event.knock] };
    case "knock.removed":
      return { ...state, knocks: state.knocks.filter((one) => one.knock_id !== event.knock_id) };
    case "chat.message":
      return { ...state, chat: [...state.chat, event.message] };
    case "meeting.updated":
      return { ...state, meeting: event.meeting };
    default:
      return state;
  }
}

/** Whether that role lets guests in, mutes and removes. */
export function decides(role: Role | null): boolean {
  return role === "host" || role === "cohost";
}

function entered(before: RoomState, event: Joined): RoomState {
  const state: RoomState = { ...NO_ROOM, selfId: event.participant_id };
  // A room that was opened again may know less of the chat than was already read here.
  const known = new Set(event.chat.map((message) => message.message_id));
  const read = before.chat.filter((message) => !known.has(message.message_id));
  return {
    ...state,
    meeting: event.meeting,
    role: event.role,
    people: order(event.participants.map((participant) => person(state, participant))),
    knocks: event.knocks,
    chat: [...read, ...event.chat].sort((a, b) => a.at - b.at),
    activeSpeaker: event.active_speaker,
  };
}

function person(state: RoomState, participant: Participant): Person {
  return { ...participant, isSelf: participant.participant_id === state.selfId };
}

function without(people: readonly Person[], participantId: string): Person[] {
  return people.filter((one) => one.participant_id !== participantId);
}

/** Oneself first, then in the order they came. */
function order(people: Person[]): Person[] {
  return people.sort(
    (a, b) =>
      Number(b.isSelf) - Number(a.isSelf) ||
      a.joined_at - b.joined_at ||
      (a.participant_id < b.participant_id ? -1 : 1),
  );
}

function put(producers: readonly Producer[], producer: Producer): Producer[] {
  const known = producers.some((one) => one.producer_id === producer.producer_id);
  if (!known) return [...producers, producer];
  return producers.map((one) => (one.producer_id === producer.producer_id ? producer : one));
}

function withProducers(
  state: RoomState,
  participantId: string,
  change: (producers: readonly Producer[]) => Producer[],
): RoomState {
  const people = state.people.map((one) =>
    one.participant_id === participantId ? { ...one, producers: change(one.producers) } : one,
  );
  return { ...state, people };
}
