/**
 * The conversation with the server: hello, numbered events, requests, and coming back after the socket dropped.
 *
 * It outlives its sockets. A socket that ends is followed by another that resumes: missed events arrive in order, and
 * requests without an answer are asked again under their ids. Only when the server refuses, or says that it is over, does a
 * session end.
 */

import {
  type Caption,
  type Closing,
  type ErrorAnswer,
  type ErrorCode,
  type Hello,
  type ReactionShown,
  type ServerAnswer,
  type ServerEvent,
  type ServerMessage,
  type Welcome,
  PROTOCOL_VERSION,
} from "../protocol.generated";
import { reconnectDelay } from "./backoff";
import { type AnswerTo, type RequestBody, Requests, offline } from "./requests";
import { type OpenWebSocket, Socket, openWebSocket } from "./socket";

/** What the session tells whoever made it. */
export interface SessionListener {
  /** The hello was accepted. After a resume the state stands; else `joined` or `knock.waiting` follows. */
  welcomed: (welcome: Welcome) => void;
  /** Each event once, in order. */
  event: (event: ServerEvent) => void;
  levels: (levels: Record<string, number>) => void;
  /** What is worth nothing later. */
  moment: (moment: ReactionShown | Caption) => void;
  /** The socket is gone and the session tries to come back. */
  lost: () => void;
  /** The server won't have us, and trying again by itself is no use. */
  refused: (code: ErrorCode, message: string) => void;
}

/** Who says hello, and to which meeting; `guestToken` makes a guest the same person again. */
export interface Identity {
  code: string;
  name: string | null;
  acceptTerms: boolean;
  guestToken: string | null;
}

/** Silence before the first welcome that means a dead socket, in milliseconds. */
const CONNECT_PATIENCE_MS = 10_000;
/** How soon a probed connection has to say something. */
const PROBE_PATIENCE_MS = 3_000;
/** Heartbeats that may be missed. */
const MISSED_HEARTBEATS = 3;

/** Refusals that pass: the server is full of work, or restarting. */
const PASSING: ReadonlySet<ErrorCode> = new Set(["unavailable", "internal", "rate_limited"]);

export class Session {
  private readonly requests = new Requests();
  private socket: Socket | null = null;
  private helloId = 0;
  private welcome: Welcome | null = null;
  /** Whether there is a session to resume; its guest token stays good without. */
  private resumable = false;
  private ready = false;
  private lastSeq = 0;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  constructor(
    private readonly url: string,
    private readonly identity: Identity,
    private readonly listener: SessionListener,
    private readonly open: OpenWebSocket = openWebSocket,
  ) {}

  start(): void {
    this.connect();
  }

  /** Ask the server something. Rejects with RequestError when it refuses, or the session ends before it answers. */
  request<Body extends RequestBody>(body: Body): Promise<AnswerTo<Body["type"]>> {
    if (this.over) return Promise.reject(offline());
    const { text, answer } = this.requests.add(body);
    if (this.ready) this.socket?.send(text);
    return answer;
  }

  /** The network may have changed: try at once instead of after the pause, and make sure that an open socket lives. */
  probe(): void {
    if (this.over) return;
    if (this.socket === null) {
      this.attempt = 0;
      this.connect();
    } else if (this.ready) {
      this.socket.expectWithin(PROBE_PATIENCE_MS);
      this.request({ type: "stats.get" }).catch(() => undefined);
    }
  }

  /** Stop for good. Open requests reject. */
  close(): void {
    if (this.over) return;
    this.over = true;
    this.ready = false;
    clearTimeout(this.timer);
    this.socket?.close();
    this.socket = null;
    this.requests.failAll();
  }

  private connect(): void {
    clearTimeout(this.timer);
    this.socket = new Socket(
      this.url,
      {
        opened: () => this.sayHello(),
        message: (message) => this.receive(message),
        lost: () => this.lost(),
      },
      CONNECT_PATIENCE_MS,
      this.open,
    );
  }

  private sayHello(): void {
    this.helloId = this.requests.takeId();
    const hello: Hello = {
      type: "hello",
      id: this.helloId,
      protocol: PROTOCOL_VERSION,
      code: this.identity.code,
      name: this.identity.name,
      accept_terms: this.identity.acceptTerms,
      guest_token: this.welcome?.guest_token ?? this.identity.guestToken,
      resume: this.welcome && this.resumable
        ? { session_id: this.welcome.session_id, resume_token: this.welcome.resume_token, last_seq: this.lastSeq }
        : null,
    };
    this.socket?.send(JSON.stringify(hello));
  }

  private receive(message: ServerMessage): void {
    if ("re" in message) this.takeAnswer(message);
    else if (message.type === "heartbeat") this.socket?.send(JSON.stringify({ type: "ack", seq: this.lastSeq }));
    else if (message.type === "speaker.levels") this.listener.levels(message.levels);
    else if (message.type === "reaction.shown" || message.type === "caption") this.listener.moment(message);
    else if (message.type === "closing") this.takeClosing(message);
    else this.takeEvent(message);
  }

  private takeAnswer(answer: ServerAnswer): void {
    if (answer.type === "welcome") this.welcomed(answer);
    else if (answer.type === "error" && (answer.re === this.helloId || !this.ready)) this.helloRefused(answer);
    else this.requests.settle(answer);
  }

  private welcomed(welcome: Welcome): void {
    this.welcome = welcome;
    this.resumable = true;
    this.attempt = 0;
    this.ready = true;
    this.socket?.expectEvery(MISSED_HEARTBEATS * welcome.heartbeat_interval * 1000);
    if (welcome.resumed) {
      for (const text of this.requests.unanswered()) this.socket?.send(text);
    } else {
      this.lastSeq = 0;
      this.requests.failAll(); // they were about a session that is no more
    }
    this.listener.welcomed(welcome);
  }

  private helloRefused(error: ErrorAnswer): void {
    if (error.code === "resume_failed") {
      this.resumable = false;
      this.lost();
    } else if (PASSING.has(error.code) && (this.welcome !== null || error.code !== "internal")) {
      this.lost();
    } else {
      this.close();
      this.listener.refused(error.code, error.message);
    }
  }

  private takeClosing(closing: Closing): void {
    if (closing.reconnect) {
      this.lost();
      return;
    }
    this.close();
    this.listener.refused(closing.code, closing.message);
  }

  private takeEvent(event: ServerEvent): void {
    if (event.seq <= this.lastSeq) return; // sent twice around a resume
    this.lastSeq = event.seq;
    this.listener.event(event);
  }

  private lost(): void {
    if (this.over) return;
    this.ready = false;
    this.socket?.close();
    this.socket = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), reconnectDelay(this.attempt));
    this.attempt += 1;
    this.listener.lost();
  }
}
