// Made from parley/signaling/schema/ by `python -m parley.signaling.schema.typescript`. Don't edit.
//
// What the client sends may leave optional fields (`?`) out; what the server sends is always complete.

/** Raised when a client of the last version can no longer talk to this server. */
export const PROTOCOL_VERSION = 1;

export const MAX_PARTICIPANTS = 10;

export const MAX_NAME_CHARS = 80;

export const MAX_CHAT_CHARS = 4000;

export const MAX_AGENDA_CHARS = 4000;

export const MAX_TIMER_SECONDS = 86400;

export const MAX_SDP_CHARS = 65536;

/** Largest WebSocket message a client may send; an SDP of ten participants is near 40 kB. */
export const MAX_MESSAGE_BYTES = 131072;

export const MIN_PASSWORD_CHARS = 10;

export const MAX_PASSWORD_CHARS = 256;

export const MAX_TITLE_CHARS = 200;

export const MAX_EMAIL_CHARS = 254;

/** Whether a participant's WebSocket and media are there. */
export type ConnectionState = "connected" | "reconnecting";

/** What of an item can be changed. owner takes a person of the recap; deleted takes an item out. */
export type EditField = "text" | "owner" | "due" | "done" | "deleted";

/** Every error a client can be answered with over the WebSocket (docs/PROTOCOL.md says what each means). */
export type ErrorCode = "bad_message" | "too_large" | "rate_limited" | "unsupported_protocol" | "not_found" | "forbidden" | "terms_required" | "name_required" | "meeting_full" | "meeting_locked" | "meeting_ended" | "lobby_full" | "removed" | "denied" | "superseded" | "wrong_state" | "bad_sdp" | "resume_failed" | "unavailable" | "internal";

/** How a knock ended. */
export type KnockOutcome = "admitted" | "denied" | "withdrawn" | "expired";

/** The highest camera layer a consumer asks for. */
export type Layer = "low" | "medium" | "high";

/** Why a participant is gone. */
export type LeaveReason = "left" | "removed" | "lost" | "ended";

/** How well somebody's media gets through, as the server sees it: good, or what is wrong with it. */
export type Quality = "good" | "loss" | "delay" | "bandwidth";

/** What somebody shows for a few seconds. */
export type Reaction = "thumbs_up" | "clap" | "heart" | "laugh" | "surprise" | "celebrate" | "hand";

/**
 * recording: the meeting is still recorded. working: something is still being made. ready: all that could be made
 * is there, though a stage may have failed. failed: nothing could be made.
 */
export type RecapState = "recording" | "working" | "ready" | "failed";

/** Why a recording misses something at the moment: its disk is slow or full, or its recorder doesn't answer. */
export type RecordingTrouble = "disk_slow" | "disk_full" | "unreachable";

/** What someone who is inside the room is there. */
export type Role = "host" | "cohost" | "member" | "guest";

/** What a producer carries. */
export type Source = "microphone" | "camera" | "screen" | "screen_audio";

/** How far one stage is. skipped: there was nothing for it to do, or it was not asked for. */
export type StageState = "waiting" | "running" | "done" | "failed" | "skipped";

/** One published track as the others see it. */
export interface Producer {
  producer_id: string;
  participant_id: string;
  source: Source;
  muted: boolean;
}

/**
 * One person in the room, with what they publish.
 *
 * hand_raised_at orders the hands. talk_seconds is how long they spoke until now.
 */
export interface Participant {
  participant_id: string;
  name: string;
  role: Role;
  is_guest: boolean;
  state: ConnectionState;
  joined_at: number;
  producers: Producer[];
  hand_raised_at: number | null;
  talk_seconds: number;
  quality: Quality;
}

/** A guest who waits, as host and co-hosts see them. */
export interface Knock {
  knock_id: string;
  name: string;
  at: number;
}

/** A file in the chat, of `size` bytes. media_type is what it was found to be, not what it was said to be. */
export interface ChatFile {
  file_id: string;
  name: string;
  size: number;
  media_type: string;
}

/** One chat line. The sender's name is what it was when they wrote it; with a file the text may be empty. */
export interface ChatMessage {
  message_id: string;
  participant_id: string;
  name: string;
  text: string;
  at: number;
  file: ChatFile | null;
}

/** A TURN or STUN server for RTCPeerConnection, with credentials that end (coturn's REST scheme). */
export interface IceServer {
  urls: string[];
  username: string | null;
  credential: string | null;
}

/** A countdown that everyone sees. */
export interface Timer {
  started_at: number;
  ends_at: number;
}

/** A recording that runs. recap: whether a recap will be made of it; gestures: whether hands are looked for. */
export interface RecordingState {
  recording_id: string;
  started_at: number;
  paused: boolean;
  recap: boolean;
  gestures: boolean;
  trouble: RecordingTrouble | null;
}

/** The meeting's own facts that everyone in the room sees. */
export interface MeetingState {
  code: string;
  title: string;
  started_at: number;
  locked: boolean;
  recording: RecordingState | null;
  agenda: string;
  timer: Timer | null;
  scheduled_end: number | null;
}

/** Take up a session whose WebSocket dropped: the server sends every event after `last_seq` again. */
export interface Resume {
  session_id: string;
  resume_token: string;
  last_seq: number;
}

/** The first message. An account is known by its cookie; a guest gives name and consent, or a guest token. */
export interface Hello {
  type: "hello";
  id: number;
  protocol: number;
  code: string;
  name?: string | null;
  accept_terms?: boolean;
  guest_token?: string | null;
  resume?: Resume | null;
}

/** Answer to `heartbeat`: events up to `seq` have arrived, the server may forget them. Never answered. */
export interface Ack {
  type: "ack";
  seq: number;
}

/** Leave for good; the participant is gone at once. */
export interface Leave {
  type: "leave";
  id: number;
}

/** The waiting guest gives up. */
export interface WithdrawKnock {
  type: "knock.withdraw";
  id: number;
}

/** Let guests in: those named, or with null everyone who waits. */
export interface AdmitKnocks {
  type: "knock.admit";
  id: number;
  knock_ids: string[] | null;
}

/** Turn guests away: those named, or with null everyone who waits. */
export interface DenyKnocks {
  type: "knock.deny";
  id: number;
  knock_ids: string[] | null;
}

/** Which source one m-line of the publish offer carries. */
export interface PublishTrack {
  mid: string;
  source: Source;
  muted?: boolean;
}

/** SDP offer of the publish transport, with all tracks that live; a producer whose source is not listed ends. */
export interface PublishOffer {
  type: "publish.offer";
  id: number;
  sdp: string;
  tracks: PublishTrack[];
}

/** Mute or unmute one's own producer: while muted the server forwards none of its packets. */
export interface MuteProducer {
  type: "producer.mute";
  id: number;
  producer_id: string;
  muted: boolean;
}

/** SDP answer to `subscribe.offer`. */
export interface SubscribeAnswer {
  type: "subscribe.answer";
  id: number;
  offer_id: number;
  sdp: string;
}

/**
 * Ask for a subscribe offer with fresh ICE credentials (the network changed), or with `fresh` for a new transport
 * (the client made a new RTCPeerConnection). The offer comes as an event.
 */
export interface RestartSubscribe {
  type: "subscribe.restart";
  id: number;
  fresh?: boolean;
}

/** Pause, resume, or bound the layer of one consumer; what is null stays as it is. */
export interface UpdateConsumer {
  type: "consumer.update";
  id: number;
  consumer_id: string;
  paused?: boolean | null;
  max_layer?: Layer | null;
}

/** Say something to everyone in the room. */
export interface SendChat {
  type: "chat.send";
  id: number;
  text: string;
}

/** Put someone out; they can't come back into this meeting. */
export interface RemoveParticipant {
  type: "participant.remove";
  id: number;
  participant_id: string;
}

/** Mute someone's producers of one source; they can unmute themselves. */
export interface MuteParticipant {
  type: "participant.mute";
  id: number;
  participant_id: string;
  source: Source;
}

/** Make someone a co-host, or take that back. */
export interface SetRole {
  type: "participant.set_role";
  id: number;
  participant_id: string;
  cohost: boolean;
}

/** While locked nobody new can enter or knock. */
export interface LockMeeting {
  type: "meeting.lock";
  id: number;
  locked: boolean;
}

/** End the meeting for everyone. */
export interface EndMeeting {
  type: "meeting.end";
  id: number;
}

/** Write the agenda anew. */
export interface SetAgenda {
  type: "meeting.agenda";
  id: number;
  text: string;
}

/** Start a countdown of so many seconds for everyone, or with null take it away. */
export interface SetTimer {
  type: "meeting.timer";
  id: number;
  seconds: number | null;
}

/** Record from now on. Everybody is told. recap: make a recap of it; gestures: look for hands in the pictures. */
export interface StartRecording {
  type: "recording.start";
  id: number;
  recap?: boolean;
  gestures?: boolean;
}

/** Keep nothing for a while, or go on. */
export interface PauseRecording {
  type: "recording.pause";
  id: number;
  paused: boolean;
}

/** The recording is complete; a recap of it is made from now on. */
export interface StopRecording {
  type: "recording.stop";
  id: number;
}

/** Raise one's hand, or take it down. */
export interface RaiseHand {
  type: "hand.raise";
  id: number;
  raised: boolean;
}

/** Take somebody else's hand down: they had their turn. */
export interface LowerHand {
  type: "participant.lower_hand";
  id: number;
  participant_id: string;
}

/** Show everyone a reaction. */
export interface SendReaction {
  type: "reaction.send";
  id: number;
  reaction: Reaction;
}

/** What the server sees of one's own transports, producers and consumers. */
export interface GetStats {
  type: "stats.get";
  id: number;
}

/** Done; nothing more to say. */
export interface Ok {
  type: "ok";
  re: number;
}

/** Not done. `message` is fit to show to a person. `re` is -1 when the request's id could not be read. */
export interface ErrorAnswer {
  type: "error";
  re: number;
  code: ErrorCode;
  message: string;
}

/** The producer that one m-line became. */
export interface PublishedProducer {
  mid: string;
  producer_id: string;
}

/** SDP answer of the publish transport. */
export interface PublishAnswer {
  type: "publish.answer";
  re: number;
  sdp: string;
  producers: PublishedProducer[];
}

/** One transport as the server sees it. Bitrates in bit/s, times in milliseconds. */
export interface TransportStats {
  kind: string;
  state: string;
  protocol: string;
  remote: string;
  srtp_profile: string;
  bytes_in: number;
  bytes_out: number;
  packets_in: number;
  packets_out: number;
  bitrate_in: number;
  bitrate_out: number;
  estimate_out: number;
  rtt_ms: number;
}

/** One producer: what arrives from its owner. */
export interface ProducerStats {
  producer_id: string;
  source: Source;
  codec: string;
  muted: boolean;
  packets: number;
  bytes: number;
  bitrate: number;
  lost: number;
  nacks_sent: number;
  plis_sent: number;
  jitter_ms: number;
  layers: string[];
}

/** One consumer: what is sent of a producer to this participant. */
export interface ConsumerStats {
  consumer_id: string;
  producer_id: string;
  codec: string;
  paused: boolean;
  layer: string;
  packets: number;
  bytes: number;
  bitrate: number;
  fraction_lost: number;
  nacks_received: number;
  retransmitted: number;
  plis_received: number;
}

/** Answer to `stats.get`. */
export interface Stats {
  type: "stats";
  re: number;
  transports: TransportStats[];
  producers: ProducerStats[];
  consumers: ConsumerStats[];
}

/**
 * Answer to `hello`: the session is there, waiting in the lobby or (a `joined` follows) in the room.
 *
 * With `resumed` true no `joined` follows: the missed events do. `guest_token` lets a guest come back without
 * knocking.
 */
export interface Welcome {
  type: "welcome";
  re: number;
  protocol: number;
  session_id: string;
  resume_token: string;
  resumed: boolean;
  waiting: boolean;
  heartbeat_interval: number;
  resume_window: number;
  guest_token: string | null;
}

/** To the guest: the knock is registered. Sent again when a host arrives or leaves. */
export interface Waiting {
  type: "knock.waiting";
  knock_id: string;
  title: string;
  recording: boolean;
  host_present: boolean;
  expires_at: number;
  seq: number;
}

/** To the guest: denied, withdrawn or expired (admission shows as `joined`). The socket closes after it. */
export interface KnockEnded {
  type: "knock.ended";
  outcome: KnockOutcome;
  message: string;
  seq: number;
}

/**
 * The whole state of the room. A client that gets it while joined drops its transports and starts over: the room
 * was reopened elsewhere or the session could not be resumed.
 */
export interface Joined {
  type: "joined";
  participant_id: string;
  role: Role;
  meeting: MeetingState;
  participants: Participant[];
  knocks: Knock[];
  chat: ChatMessage[];
  ice_servers: IceServer[];
  active_speaker: string | null;
  seq: number;
}

/** Someone came in. */
export interface ParticipantJoined {
  type: "participant.joined";
  participant: Participant;
  seq: number;
}

/** Someone's role or connection state changed (also one's own role). `participant` is the whole new state. */
export interface ParticipantUpdated {
  type: "participant.updated";
  participant: Participant;
  seq: number;
}

/** Someone is gone. */
export interface ParticipantLeft {
  type: "participant.left";
  participant_id: string;
  reason: LeaveReason;
  seq: number;
}

/** Someone publishes a track. The consumer for it comes with a `subscribe.offer`. */
export interface ProducerAdded {
  type: "producer.added";
  producer: Producer;
  seq: number;
}

/** A producer was muted or unmuted. `by` names the host or co-host who did it, null when its owner did. */
export interface ProducerUpdated {
  type: "producer.updated";
  producer: Producer;
  by: string | null;
  seq: number;
}

/** A track ended. */
export interface ProducerRemoved {
  type: "producer.removed";
  producer_id: string;
  participant_id: string;
  seq: number;
}

/** Which m-line of the subscribe offer carries which producer. */
export interface Consumer {
  consumer_id: string;
  producer_id: string;
  participant_id: string;
  source: Source;
  mid: string;
}

/**
 * SDP offer of the subscribe transport, with all its consumers. With `fresh` the client makes a new
 * RTCPeerConnection for it. Only the newest offer needs an answer.
 */
export interface SubscribeOffer {
  type: "subscribe.offer";
  offer_id: number;
  sdp: string;
  consumers: Consumer[];
  fresh: boolean;
  seq: number;
}

/** What a consumer forwards changed: paused by the client, its layer, or none fits the bandwidth (layer null). */
export interface ConsumerUpdated {
  type: "consumer.updated";
  consumer_id: string;
  paused: boolean;
  layer: Layer | null;
  seq: number;
}

/** Who speaks, or null for nobody. */
export interface ActiveSpeaker {
  type: "speaker.active";
  participant_id: string | null;
  seq: number;
}

/** Loudness of those who are heard now, dB below full scale as positive numbers 0 (loud) to 127 (RFC 6464). */
export interface SpeakerLevels {
  type: "speaker.levels";
  levels: Record<string, number>;
}

/** To host and co-hosts: someone waits. */
export interface KnockAdded {
  type: "knock.added";
  knock: Knock;
  seq: number;
}

/** To host and co-hosts: someone waits no longer. */
export interface KnockRemoved {
  type: "knock.removed";
  knock_id: string;
  outcome: KnockOutcome;
  seq: number;
}

/** A chat line, also to its sender. */
export interface ChatPosted {
  type: "chat.message";
  message: ChatMessage;
  seq: number;
}

/** The meeting's own facts changed: locked, recording. */
export interface MeetingUpdated {
  type: "meeting.updated";
  meeting: MeetingState;
  seq: number;
}

/** The meeting is over for everyone; the socket closes after it. recap: to members, the recap that is being made. */
export interface Ended {
  type: "meeting.ended";
  message: string;
  recap: string | null;
  seq: number;
}

/** To the one who was put out; the socket closes after it. */
export interface Removed {
  type: "removed";
  message: string;
  seq: number;
}

/** Somebody reacted, also to themselves. Not numbered. */
export interface ReactionShown {
  type: "reaction.shown";
  participant_id: string;
  reaction: Reaction;
}

/** What somebody says, as it is understood. A later one with the same segment_id replaces it. Not numbered. */
export interface Caption {
  type: "caption";
  segment_id: string;
  participant_id: string;
  name: string;
  text: string;
  final: boolean;
}

/** Every few seconds; answer with `ack`. `seq` is the newest event's number. */
export interface Heartbeat {
  type: "heartbeat";
  seq: number;
}

/** This socket closes: superseded by another tab, server stopping, too slow. `reconnect`: whether to come back. */
export interface Closing {
  type: "closing";
  code: ErrorCode;
  message: string;
  reconnect: boolean;
}

/** Sign-up. Consent to the Terms and the Privacy Policy is kept with its time. */
export interface CreateAccount {
  email: string;
  name: string;
  password: string;
  accept_terms: boolean;
}

/** Sign-in by e-mail and password. */
export interface SignIn {
  email: string;
  password: string;
}

/** A conversation with its first members, besides oneself, by e-mail. */
export interface CreateConversation {
  title: string;
  member_emails?: string[];
}

/** Add an account to a conversation. */
export interface AddMember {
  email: string;
}

/** A message in a conversation. */
export interface PostMessage {
  text: string;
}

/** An instant meeting; without `conversation_id` in a new conversation of one's own. */
export interface CreateMeeting {
  title?: string | null;
  conversation_id?: string | null;
}

/** The signed-in account. */
export interface Account {
  account_id: string;
  email: string;
  name: string;
}

/** Who is signed in; null for nobody. */
export interface Session {
  account: Account | null;
}

/** A member of a conversation. */
export interface Member {
  account_id: string;
  name: string;
  email: string;
  owner: boolean;
}

/** A conversation and its members. */
export interface Conversation {
  conversation_id: string;
  title: string;
  created_at: number;
  members: Member[];
}

/** The conversations one is a member of, newest activity first. */
export interface Conversations {
  conversations: Conversation[];
}

/** A file of `size` bytes that was sent with a message, to be had at `path`. */
export interface MessageFile {
  name: string;
  size: number;
  media_type: string;
  path: string;
}

/** A message in a conversation; chat of a meeting carries `meeting_id`. With a file the text may be empty. */
export interface Message {
  message_id: string;
  conversation_id: string;
  author: string;
  account_id: string | null;
  meeting_id: string | null;
  text: string;
  at: number;
  file: MessageFile | null;
}

/** A page of messages, oldest first. `before` continues to older ones; null when there are none. */
export interface Messages {
  messages: Message[];
  before: string | null;
}

/** A meeting as members see it. */
export interface Meeting {
  meeting_id: string;
  code: string;
  url: string;
  title: string;
  conversation_id: string;
  host: string;
  created_at: number;
  ended_at: number | null;
}

/** Meetings of one's conversations, newest first. */
export interface Meetings {
  meetings: Meeting[];
}

/** What anyone with the link may know before entering. `role` is what the asker would enter as. */
export interface MeetingInfo {
  code: string;
  title: string;
  host: string;
  recording: boolean;
  ended: boolean;
  role: Role;
  account_name: string | null;
}

/** What the client needs to know of this server. */
export interface Site {
  version: string;
  sign_up_open: boolean;
  max_participants: number;
  max_file_bytes: number;
}

/**
 * What a browser tries out the media port with, before it enters a meeting: SDP offers of connections that carry
 * nothing, with a media node's UDP candidates and with its TCP candidates (null where it takes no TCP). Answer each
 * with a connection of its own and send the answer to nobody: ICE connects, or that way is blocked.
 *
 * expires_in: seconds. relay: whether those inside a meeting get a TURN server, for networks that block both.
 */
export interface Probe {
  udp: string;
  tcp: string | null;
  expires_in: number;
  relay: boolean;
}

/** Terms or privacy text, in Markdown. */
export interface Page {
  title: string;
  markdown: string;
}

/** Problem details (RFC 9457), sent as application/problem+json. `code` is stable for programs. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
}

/** One stage: progress 0 to 1; note says in words how it was made, or why it failed. */
export interface RecapStage {
  stage: string;
  state: StageState;
  progress: number;
  note: string;
}

/** Someone who was there. person is what segments and owners name. */
export interface RecapPerson {
  person: string;
  name: string;
  is_guest: boolean;
  talk_seconds: number;
}

/** One statement. edited: a member changed it. */
export interface RecapLine {
  item: string;
  text: string;
  at: number;
  cites: string[];
  edited: boolean;
}

/** A chapter of the meeting. */
export interface RecapTopic {
  item: string;
  title: string;
  start: number;
  end: number;
  lines: RecapLine[];
}

/**
 * Something to do. owner is a person of the recap, null when nobody was named or who was named wasn't there;
 * owner_name is how they are called. due is a date (YYYY-MM-DD), due_text what was said of it.
 */
export interface RecapAction {
  item: string;
  text: string;
  at: number;
  cites: string[];
  owner: string | null;
  owner_name: string | null;
  due: string | null;
  due_text: string;
  done: boolean;
  edited: boolean;
}

/**
 * The film of one moment, that somebody asked for. progress 0 to 1; note says in words why it failed, or why it is
 * tried again; file is its name for `links` once state is done.
 */
export interface RecapClip {
  state: StageState;
  progress: number;
  note: string;
  file: string | null;
}

/** A moment worth seeing; in_reel: the reel shows it. clip: null until somebody asks for it. */
export interface RecapMoment {
  moment: string;
  kind: string;
  title: string;
  start: number;
  end: number;
  people: string[];
  in_reel: boolean;
  clip: RecapClip | null;
}

/** A part of a film, in the film's own seconds; `at` is where it is in the recording. */
export interface RecapChapter {
  title: string;
  start: number;
  end: number;
  at: number;
}

/** A film that is there. file and poster are names for `links`. */
export interface RecapFilm {
  file: string;
  poster: string;
  seconds: number;
  chapters: RecapChapter[];
}

/** One recorded track that can be played; file is its name for `links`. */
export interface RecapTrack {
  track: string;
  person: string;
  source: string;
  start: number;
  end: number;
  file: string;
}

/** Something that happened: a gesture, a reaction, a raised hand, a shared screen, a pause, a join, a leave. */
export interface RecapMark {
  kind: string;
  at: number;
  person: string | null;
  label: string;
  end: number | null;
}

/** A chat line of the meeting. */
export interface RecapChat {
  at: number;
  person: string;
  text: string;
}

/**
 * All of a recap but the transcript. It fills while it is being made; what isn't there yet is empty or null.
 *
 * draft: the transcript is to be read as a draft. engines: what made which stage. kept_until: when it will be deleted.
 */
export interface Recap {
  recap_id: string;
  conversation_id: string;
  meeting_id: string;
  title: string;
  started_at: number;
  duration: number;
  state: RecapState;
  stages: RecapStage[];
  people: RecapPerson[];
  draft: boolean;
  engines: Record<string, string>;
  notes: string[];
  overview: RecapLine[];
  topics: RecapTopic[];
  decisions: RecapLine[];
  actions: RecapAction[];
  moments: RecapMoment[];
  reel: RecapFilm | null;
  film: RecapFilm | null;
  tracks: RecapTrack[];
  marks: RecapMark[];
  chat: RecapChat[];
  can_delete: boolean;
  kept_until: number;
}

/**
 * A stretch of somebody's speech. state: text, other_language or untranscribed; reason says why there is no text.
 * confirmed: false while the text may still change.
 */
export interface RecapSegment {
  segment: string;
  person: string;
  start: number;
  end: number;
  text: string;
  state: string;
  reason: string;
  confirmed: boolean;
}

/** Who said what, by start. draft: its words are those of a simple recogniser. */
export interface RecapTranscript {
  draft: boolean;
  engine: string;
  segments: RecapSegment[];
}

/** A recap in a list. */
export interface RecapEntry {
  recap_id: string;
  conversation_id: string;
  title: string;
  started_at: number;
  ended_at: number | null;
  state: RecapState;
}

/** Recaps of one's conversations, newest first. */
export interface Recaps {
  recaps: RecapEntry[];
}

/** Addresses of the recap's media by file name. They are good for `seconds`, for the one who asked. */
export interface RecapLinks {
  urls: Record<string, string>;
  seconds: number;
}

/**
 * Change one field of one item. text: a string; owner: a person or null; due: a date or null; done, deleted: a
 * boolean.
 */
export interface EditRecap {
  item: string;
  field: EditField;
  value: string | boolean | null;
}

/** A change that a member made; by is null when their account is gone. */
export interface RecapEdit {
  item: string;
  field: EditField;
  value: string | boolean | null;
  by: string | null;
  at: number;
}

/** Every change, newest first. */
export interface RecapEdits {
  edits: RecapEdit[];
}

/** Something one is told in the app. link: a path of the client. */
export interface Notice {
  notice_id: string;
  kind: string;
  title: string;
  link: string;
  at: number;
  read: boolean;
}

/** One's notices, newest first. */
export interface Notices {
  notices: Notice[];
  unread: number;
}

/** Everything a client may say. */
export type ClientMessage =
  | Hello
  | Ack
  | Leave
  | WithdrawKnock
  | AdmitKnocks
  | DenyKnocks
  | PublishOffer
  | MuteProducer
  | SubscribeAnswer
  | RestartSubscribe
  | UpdateConsumer
  | SendChat
  | RemoveParticipant
  | MuteParticipant
  | SetRole
  | LockMeeting
  | EndMeeting
  | SetAgenda
  | SetTimer
  | StartRecording
  | PauseRecording
  | StopRecording
  | RaiseHand
  | LowerHand
  | SendReaction
  | GetStats;

/** What the server answers, with `re` set to the request's `id`. */
export type ClientRequest =
  | Hello
  | Leave
  | WithdrawKnock
  | AdmitKnocks
  | DenyKnocks
  | PublishOffer
  | MuteProducer
  | SubscribeAnswer
  | RestartSubscribe
  | UpdateConsumer
  | SendChat
  | RemoveParticipant
  | MuteParticipant
  | SetRole
  | LockMeeting
  | EndMeeting
  | SetAgenda
  | SetTimer
  | StartRecording
  | PauseRecording
  | StopRecording
  | RaiseHand
  | LowerHand
  | SendReaction
  | GetStats;

/** Everything the server may say. */
export type ServerMessage =
  | Ok
  | ErrorAnswer
  | PublishAnswer
  | Stats
  | Welcome
  | Waiting
  | KnockEnded
  | Joined
  | ParticipantJoined
  | ParticipantUpdated
  | ParticipantLeft
  | ProducerAdded
  | ProducerUpdated
  | ProducerRemoved
  | SubscribeOffer
  | ConsumerUpdated
  | ActiveSpeaker
  | SpeakerLevels
  | KnockAdded
  | KnockRemoved
  | ChatPosted
  | MeetingUpdated
  | Ended
  | Removed
  | ReactionShown
  | Caption
  | Heartbeat
  | Closing;

/** What answers a request. */
export type ServerAnswer =
  | Ok
  | ErrorAnswer
  | PublishAnswer
  | Stats
  | Welcome;

/** The numbered events, which are sent again after a resume. */
export type ServerEvent =
  | Waiting
  | KnockEnded
  | Joined
  | ParticipantJoined
  | ParticipantUpdated
  | ParticipantLeft
  | ProducerAdded
  | ProducerUpdated
  | ProducerRemoved
  | SubscribeOffer
  | ConsumerUpdated
  | ActiveSpeaker
  | KnockAdded
  | KnockRemoved
  | ChatPosted
  | MeetingUpdated
  | Ended
  | Removed;
