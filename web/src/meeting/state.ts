/**
 * What the pages see of a meeting: one immutable snapshot, and the commands.
 *
 * Pages read it with useSyncExternalStore(meeting.subscribe, meeting.getSnapshot); everything that changes makes a new
 * snapshot, what didn't change keeps its identity. Nothing here knows React, and pages know no WebSocket and no
 * RTCPeerConnection.
 */

import type {
  Caption,
  ChatFile,
  ChatMessage,
  ErrorCode,
  Knock,
  KnockOutcome,
  Layer,
  MeetingState,
  Participant,
  Reaction,
  ReactionShown,
  Role,
  Source,
  Stats,
} from "../protocol.generated";
import type { DeviceProblem } from "./devices";
import type { OpenDevices } from "./local-media";

/** Where a visit to a meeting stands. */
export type Phase =
  /** Nothing sent yet. */
  | { kind: "idle" }
  /** Hello is on its way. */
  | { kind: "connecting" }
  /** A guest waits for the host. Times in seconds since 1970. */
  | { kind: "waiting"; title: string; recording: boolean; hostPresent: boolean; expiresAt: number }
  /** Inside. */
  | { kind: "joined" }
  /** The knock is over without entry. `message` is fit to show. */
  | { kind: "turned-away"; outcome: KnockOutcome; message: string }
  /** The server said no to the hello. */
  | { kind: "refused"; code: ErrorCode; message: string }
  /** It was joined and is over: left by oneself, removed by the host, ended for all, or taken over by another window. */
  | {
      kind: "over";
      reason: "left" | "removed" | "ended" | "superseded";
      message: string;
      /** What is being made of the recording, for members; null where nothing was recorded, and for guests. */
      recap: string | null;
    };

/** How well the server is reached. Poor by delay: answers take long; by loss: packets vanish. */
export type Link =
  | { state: "good" }
  | { state: "poor"; reason: "delay" | "loss" }
  | { state: "reconnecting" };

/** One's own track as it is now. */
export interface LocalTrack {
  source: Source;
  /** For preview; null while the device is off. */
  track: MediaStreamTrack | null;
  /** Whether others hear or see it. */
  on: boolean;
  /** The host muted it; cleared when one turns it on again. */
  mutedByHost: boolean;
  /** What is wrong with it (device taken away, permission revoked). */
  problem: DeviceProblem | null;
}

/** Somebody else's track as it arrives. */
export interface RemoteTrack {
  consumerId: string;
  producerId: string;
  participantId: string;
  source: Source;
  /** Null until the transport has it. */
  track: MediaStreamTrack | null;
  muted: boolean;
  paused: boolean;
  /** The layer that is forwarded; null where nothing fits the bandwidth. */
  layer: string | null;
}

/** Someone in the room. */
export interface Person extends Participant {
  isSelf: boolean;
}

export interface Snapshot {
  phase: Phase;
  link: Link;
  /** Null until joined. */
  meeting: MeetingState | null;
  selfId: string | null;
  role: Role | null;
  /** Oneself first, then the others in the order they came. */
  people: readonly Person[];
  knocks: readonly Knock[];
  chat: readonly ChatMessage[];
  activeSpeaker: string | null;
  local: Readonly<Partial<Record<Source, LocalTrack>>>;
  remote: readonly RemoteTrack[];
}

/** A request that the server refused, or that could not be sent. `message` is fit to show. */
export class RequestError extends Error {
  constructor(
    readonly code: ErrorCode | "offline",
    message: string,
  ) {
    super(message);
    this.name = "RequestError";
  }
}

/** How somebody enters. A signed-in account gives neither name nor consent. */
export interface Entry {
  code: string;
  name?: string;
  acceptTerms?: boolean;
}

/** One visit to one meeting, from hello to goodbye. Made by `createMeeting()` in meeting.ts. */
export interface Meeting {
  subscribe: (listener: () => void) => () => void;
  getSnapshot: () => Snapshot;
  /** Loudness by participant, 0 (silent) to 1; several times a second, hence outside the snapshot. */
  onLevels: (listener: (levels: ReadonlyMap<string, number>) => void) => () => void;
  /** Reactions and captions, as they come. */
  onMoment: (listener: (moment: ReactionShown | Caption) => void) => () => void;
  /** Say hello with the devices that the pre-join page already opened; they are the meeting's from then on. */
  join: (entry: Entry, devices: OpenDevices) => void;
  /** The guest gives up waiting. */
  withdraw: () => Promise<void>;
  leave: () => Promise<void>;
  endForAll: () => Promise<void>;
  setMicrophone: (on: boolean) => Promise<void>;
  setCamera: (on: boolean) => Promise<void>;
  setScreenShare: (on: boolean) => Promise<void>;
  /** Change the device mid-call; the track stays published. */
  useDevice: (kind: "audioinput" | "videoinput", deviceId: string) => Promise<void>;
  sendChat: (text: string) => Promise<void>;
  /** Resolves when everyone has it in the chat. `progress` is told the share that was sent, 0 to 1. */
  sendFile: (file: File, progress?: (share: number) => void) => Promise<void>;
  /** Where a file of the chat can be fetched by this person. */
  fileUrl: (file: ChatFile) => string;
  raiseHand: (raised: boolean) => Promise<void>;
  lowerHand: (participantId: string) => Promise<void>;
  react: (reaction: Reaction) => Promise<void>;
  setAgenda: (text: string) => Promise<void>;
  /** Seconds of a countdown for everyone; null takes it away. */
  setTimer: (seconds: number | null) => Promise<void>;
  admit: (knockIds: string[] | null) => Promise<void>;
  deny: (knockIds: string[] | null) => Promise<void>;
  muteParticipant: (participantId: string, source: Source) => Promise<void>;
  removeParticipant: (participantId: string) => Promise<void>;
  setCohost: (participantId: string, cohost: boolean) => Promise<void>;
  setLocked: (locked: boolean) => Promise<void>;
  /** Record from now on; recap: have AI make a recap of it, gestures: look for hands in the pictures. */
  startRecording: (wanted: { recap: boolean; gestures: boolean }) => Promise<void>;
  /** Keep nothing for a while, or go on. */
  pauseRecording: (paused: boolean) => Promise<void>;
  stopRecording: () => Promise<void>;
  /** How long somebody has spoken until now. */
  talkSeconds: (participantId: string) => number;
  /** What the page shows of a remote video: the layer its tile needs, or null while it is out of sight. */
  setWanted: (consumerId: string, layer: Layer | null) => void;
  /** Whether media goes over TCP because UDP doesn't get through. */
  usesTcp: () => Promise<boolean>;
  /** What the server and the browser count; for the stats panel. */
  stats: () => Promise<{ server: Stats; browser: { publish: RTCStatsReport | null; subscribe: RTCStatsReport | null } }>;
  /** Close without a word (page goes away). */
  dispose: () => void;
}
