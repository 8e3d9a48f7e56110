import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ServerEvent } from "../protocol.generated";
import { FakeSocket } from "../testing/fake-socket";
import { Session } from "./session";
import { RequestError } from "./state";

const WELCOME = {
  type: "welcome",
  protocol: 1,
  session_id: "s1",
  resume_token: "r1",
  resumed: false,
  waiting: false,
  heartbeat_interval: 5,
  resume_window: 30,
  guest_token: "g1",
};

function house() {
  const sockets: FakeSocket[] = [];
  const events: ServerEvent[] = [];
  const told: string[] = [];
  const session = new Session(
    "ws://x/api/ws",
    { code: "abcd", name: "Gus", acceptTerms: true, guestToken: null },
    {
      welcomed: (welcome) => told.push(welcome.resumed ? "resumed" : "welcomed"),
      event: (event) => events.push(event),
      levels: () => told.push("levels"),
      moment: (moment) => told.push(moment.type),
      lost: () => told.push("lost"),
      refused: (code) => told.push(`refused ${code}`),
    },
    () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  );
  session.start();
  const newest = () => sockets.at(-1) as FakeSocket;
  const welcome = (part: object = {}) => {
    newest().open();
    newest().say({ ...WELCOME, ...part, re: newest().last("hello")?.id });
  };
  return { session, sockets, events, told, newest, welcome };
}

const joinedBy = (id: string, seq: number) => ({ type: "participant.left", participant_id: id, reason: "left", seq });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a session", () => {
  it("says hello with who one is", () => {
    const { newest, told, welcome } = house();
    welcome();
    expect(newest().last("hello")).toMatchObject({ code: "abcd", name: "Gus", accept_terms: true, resume: null });
    expect(told).toEqual(["welcomed"]);
  });

  it("takes each event once, also when it is sent again", () => {
    const { newest, events, welcome } = house();
    welcome();
    newest().say(joinedBy("a", 1));
    newest().say(joinedBy("a", 1));
    newest().say(joinedBy("b", 2));
    expect(events.map((event) => event.seq)).toEqual([1, 2]);
  });

  it("answers a heartbeat with what has arrived, not with what was sent", () => {
    const { newest, welcome } = house();
    welcome();
    newest().say(joinedBy("a", 1));
    newest().say({ type: "heartbeat", seq: 5 });
    expect(newest().last("ack")).toEqual({ type: "ack", seq: 1 });
  });

  it("resumes after a drop, from the last event, and asks again what was not answered", async () => {
    const { session, sockets, newest, told, welcome } = house();
    welcome();
    newest().say(joinedBy("a", 7));
    const answer = session.request({ type: "chat.send", text: "hi" });
    const id = newest().last("chat.send")?.id;
    newest().drop();
    expect(told).toContain("lost");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
    welcome({ resumed: true });
    expect(newest().last("hello")?.resume).toEqual({ session_id: "s1", resume_token: "r1", last_seq: 7 });
    expect(newest().last("chat.send")?.id).toBe(id);
    newest().say({ type: "ok", re: id });
    await expect(answer).resolves.toMatchObject({ type: "ok" });
  });

  it("gives up requests when the server no longer knows the session", async () => {
    const { session, newest, welcome } = house();
    welcome();
    const answer = session.request({ type: "chat.send", text: "hi" });
    newest().drop();
    await vi.advanceTimersByTimeAsync(1_000);
    const refused = expect(answer).rejects.toMatchObject({ code: "offline" });
    welcome({ resumed: false, session_id: "s2" });
    await refused;
  });

  it("counts events anew in a new session", async () => {
    const { newest, events, welcome } = house();
    welcome();
    newest().say(joinedBy("a", 9));
    newest().drop();
    await vi.advanceTimersByTimeAsync(1_000);
    welcome({ resumed: false });
    newest().say(joinedBy("b", 1));
    expect(events.map((event) => event.seq)).toEqual([9, 1]);
  });

  it("holds requests back while it is away", async () => {
    const { session, newest, welcome } = house();
    welcome();
    newest().drop();
    void session.request({ type: "chat.send", text: "away" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(newest().last("chat.send")).toBeUndefined();
    welcome({ resumed: true });
    expect(newest().last("chat.send")).toMatchObject({ text: "away" });
  });

  it("connects again when nothing was heard for three heartbeats", async () => {
    const { sockets, welcome } = house();
    welcome();
    await vi.advanceTimersByTimeAsync(14_900);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
  });

  it("notices a dead socket within seconds when the network changed", async () => {
    const { session, sockets, welcome } = house();
    welcome();
    session.probe();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(sockets).toHaveLength(2);
  });

  it("keeps a socket that answers the probe", async () => {
    const { session, sockets, newest, welcome } = house();
    welcome();
    session.probe();
    newest().say({ type: "heartbeat", seq: 0 });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(sockets).toHaveLength(1);
  });

  it.each(["meeting_full", "removed", "denied", "not_found", "terms_required"])("ends at a refusal: %s", (code) => {
    const { newest, told } = house();
    newest().open();
    newest().say({ type: "error", re: newest().last("hello")?.id, code, message: "no" });
    expect(told).toEqual([`refused ${code}`]);
  });

  it("tries again when the server is busy", async () => {
    const { sockets, newest, told } = house();
    newest().open();
    newest().say({ type: "error", re: newest().last("hello")?.id, code: "unavailable", message: "later" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
    expect(told).toEqual(["lost"]);
  });

  it("does not come back when another window took over", async () => {
    const { sockets, newest, told, welcome } = house();
    welcome();
    newest().say({ type: "closing", code: "superseded", message: "elsewhere", reconnect: false });
    newest().drop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    expect(told).toEqual(["welcomed", "refused superseded"]);
  });

  it("comes back when the server restarts, as the same guest", async () => {
    const { newest, welcome } = house();
    welcome();
    newest().say({ type: "closing", code: "unavailable", message: "restarting", reconnect: true });
    await vi.advanceTimersByTimeAsync(1_000);
    newest().open();
    expect(newest().last("hello")).toMatchObject({ guest_token: "g1" });
  });

  it("rejects with the server's words", async () => {
    const { session, newest, welcome } = house();
    welcome();
    const answer = session.request({ type: "meeting.end" });
    newest().say({ type: "error", re: newest().last("meeting.end")?.id, code: "forbidden", message: "Not yours." });
    await expect(answer).rejects.toEqual(new RequestError("forbidden", "Not yours."));
  });

  it("drops a socket that says what isn't JSON", async () => {
    const { sockets, newest, welcome } = house();
    welcome();
    newest().onmessage?.({ data: "<html>" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
  });
});
