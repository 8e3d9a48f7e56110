/** The HTTP API. Every refusal becomes an ApiError with words fit to show. */

import type {
  Account,
  AddMember,
  Conversation,
  Conversations,
  CreateAccount,
  CreateConversation,
  CreateMeeting,
  Meeting,
  MeetingInfo,
  Meetings,
  Message,
  Messages,
  Page,
  PostMessage,
  Probe,
  Problem,
  Session,
  SignIn,
  Site,
} from "../protocol.generated";

export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 where the server could not be reached. */
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** One request; the answer's JSON. Raises ApiError. */
export async function call<Result>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<Result> {
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, {
      method,
      ...(signal !== undefined && { signal }),
      ...(body !== undefined && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
  } catch {
    throw new ApiError(0, "offline", "The server can't be reached. Check your connection and try again.");
  }
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as Result;
}

async function problemOf(response: Response): Promise<ApiError> {
  try {
    const problem = (await response.json()) as Problem;
    return new ApiError(response.status, problem.code, problem.detail);
  } catch {
    return new ApiError(response.status, "internal", `The server answered with an error (${response.status}).`);
  }
}

/** A part of an address. */
export const at = (id: string) => encodeURIComponent(id);

export const api = {
  site: () => call<Site>("GET", "site"),
  probe: (signal?: AbortSignal) => call<Probe>("POST", "probe", undefined, signal),
  page: (name: string) => call<Page>("GET", `pages/${at(name)}`),
  session: () => call<Session>("GET", "session"),
  signUp: (body: CreateAccount) => call<Account>("POST", "accounts", body),
  signIn: (body: SignIn) => call<Session>("POST", "session", body),
  signOut: () => call<unknown>("DELETE", "session"),
  meetings: () => call<Meetings>("GET", "meetings"),
  createMeeting: (body: CreateMeeting) => call<Meeting>("POST", "meetings", body),
  meeting: (code: string) => call<MeetingInfo>("GET", `meetings/${at(code)}`),
  conversations: () => call<Conversations>("GET", "conversations"),
  createConversation: (body: CreateConversation) => call<Conversation>("POST", "conversations", body),
  conversation: (id: string) => call<Conversation>("GET", `conversations/${at(id)}`),
  addMember: (id: string, body: AddMember) => call<Conversation>("POST", `conversations/${at(id)}/members`, body),
  removeMember: (id: string, accountId: string) =>
    call<unknown>("DELETE", `conversations/${at(id)}/members/${at(accountId)}`),
  messages: (id: string, before: string | null) =>
    call<Messages>("GET", `conversations/${at(id)}/messages${before === null ? "" : `?before=${at(before)}`}`),
  postMessage: (id: string, body: PostMessage) => call<Message>("POST", `conversations/${at(id)}/messages`, body),
};
