/**
 * Requests on their way: each gets an id and a promise, and is kept until it is answered, so that it can be sent again
 * under the same id when the socket dropped before the answer came.
 */

import type {
  ClientRequest,
  ErrorAnswer,
  Hello,
  Ok,
  PublishAnswer,
  ServerAnswer,
  Stats,
  Welcome,
} from "../protocol.generated";
import { RequestError } from "./state";

type WithoutId<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** A request before it has its id. Hello is the session's own. */
export type RequestBody = WithoutId<Exclude<ClientRequest, Hello>>;

/** What a request is answered with when it is done. */
export type AnswerTo<Type extends RequestBody["type"]> = Type extends "publish.offer"
  ? PublishAnswer
  : Type extends "stats.get"
    ? Stats
    : Ok;

interface Open {
  text: string;
  resolve: (answer: Exclude<ServerAnswer, ErrorAnswer | Welcome>) => void;
  reject: (reason: RequestError) => void;
}

export class Requests {
  private lastId = 0;
  private readonly open = new Map<number, Open>();

  /** An id for the hello, which is nobody's to send again. */
  takeId(): number {
    return ++this.lastId;
  }

  /** Number a request: the text to send, and the promise of its answer. */
  add<Body extends RequestBody>(body: Body): { text: string; answer: Promise<AnswerTo<Body["type"]>> } {
    const id = this.takeId();
    const text = JSON.stringify({ ...body, id });
    const answer = new Promise<AnswerTo<Body["type"]>>((resolve, reject) => {
      this.open.set(id, { text, resolve: resolve as Open["resolve"], reject });
    });
    return { text, answer };
  }

  /** Take an answer; false when nobody asked. */
  settle(answer: Exclude<ServerAnswer, Welcome>): boolean {
    const open = this.open.get(answer.re);
    if (open === undefined) return false;
    this.open.delete(answer.re);
    if (answer.type === "error") open.reject(new RequestError(answer.code, answer.message));
    else open.resolve(answer);
    return true;
  }

  /** What has to be sent again after a resume, in the order it was asked. */
  unanswered(): string[] {
    return [...this.open.values()].map((request) => request.text);
  }

  /** Nobody will answer any more. */
  failAll(): void {
    const open = [...this.open.values()];
    this.open.clear();
    for (const request of open) request.reject(offline());
  }
}

/** The error of a request that couldn't be sent, or whose answer was lost. */
export function offline(): RequestError {
  return new RequestError("offline", "The connection to the meeting was lost. Try again in a moment.");
}
