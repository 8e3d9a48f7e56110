/**
 * Tries the ways that a meeting needs: HTTP, the WebSocket, and the media port by UDP and by TCP.
 *
 * Media is tried by connections that carry nothing (docs/PROTOCOL.md, "Trying it out before entering"): they go the very
 * way that media will go, while a STUN server's answer would not tell a blocked network from one without NAT.
 */

import { ApiError, api } from "../app/api";
import { openWebSocket, webSocketUrl } from "../meeting/socket";
import { type Probe, PROTOCOL_VERSION } from "../protocol.generated";
import type { Network, Reach } from "./verdict";

/** How long a way may take before it counts as blocked: several retransmissions, and a satellite's round trips. */
const PATIENCE_MS = 4_000;
/** Once TCP is through, UDP would long have been: it needs fewer round trips. */
const LEAD_MS = 2_000;

/** Whether this browser can connect at all: WebRTC may be missing, or turned off. */
export function hasWebRtc(): boolean {
  return typeof RTCPeerConnection === "function";
}

/** Never rejects, but for an abort: what can't be found out is "unknown". */
export async function measureNetwork(signal: AbortSignal): Promise<Network> {
  const socket = tryWebSocket(signal);
  const found: Network = { server: "open", socket: "unknown", udp: "unknown", tcp: "unknown", relay: false, target: "" };
  let probe: Probe;
  try {
    probe = await api.probe(signal);
  } catch (reason) {
    signal.throwIfAborted();
    if (reason instanceof ApiError && reason.status === 0) return { ...found, server: "blocked" };
    return found; // too many asked, or no media node is there now: that is no fault of this network
  }
  const [udp, tcp] = hasWebRtc() ? await tryMedia(probe, signal) : (["unknown", "unknown"] as const);
  const reached = await socket;
  signal.throwIfAborted();
  return { ...found, socket: reached, udp, tcp, relay: probe.relay, target: targetOf(probe.udp) };
}

function tryWebSocket(signal: AbortSignal): Promise<Reach> {
  return within(signal, (settle) => {
    const socket = openWebSocket(webSocketUrl(), `parley.${PROTOCOL_VERSION}`);
    socket.onopen = () => settle("open");
    socket.onclose = () => settle("blocked");
    return () => {
      socket.onclose = null;
      socket.close();
    };
  });
}

/** TCP matters only where UDP is blocked, but waiting for that first would double the time. */
async function tryMedia(probe: Probe, signal: AbortSignal): Promise<[Reach, Reach]> {
  const enough = new AbortController();
  signal.addEventListener("abort", () => enough.abort());
  const tcp = probe.tcp === null ? Promise.resolve<Reach>("unknown") : tryIce(probe.tcp, enough.signal);
  const udp = tryIce(probe.udp, enough.signal);
  const late = tcp.then((reach) => (reach === "open" ? after(LEAD_MS, "blocked" as Reach) : udp));
  const first = await Promise.race([udp, late]);
  if (first === "open") enough.abort();
  const second = await tcp;
  enough.abort();
  return [first, second];
}

function after<Value>(milliseconds: number, value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(() => resolve(value), milliseconds));
}

function tryIce(offer: string, signal: AbortSignal): Promise<Reach> {
  return within(signal, (settle) => {
    const connection = new RTCPeerConnection();
    connection.oniceconnectionstatechange = () => {
      const state = connection.iceConnectionState;
      if (state === "connected" || state === "completed") settle("open");
      if (state === "failed") settle("blocked");
    };
    connection
      .setRemoteDescription({ type: "offer", sdp: offer })
      .then(() => connection.createAnswer())
      .then((answer) => connection.setLocalDescription(answer))
      .catch(() => settle("unknown"));
    return () => {
      connection.oniceconnectionstatechange = null;
      connection.close();
    };
  });
}

/** Start something and wait for what it settles on, "blocked" when it takes too long, "unknown" when nobody wants to know. */
function within(signal: AbortSignal, start: (settle: (reach: Reach) => void) => () => void): Promise<Reach> {
  return new Promise((resolve) => {
    let end: (() => void) | undefined;
    const settle = (reach: Reach) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      end?.();
      resolve(reach);
    };
    const aborted = () => settle("unknown");
    const timer = setTimeout(() => settle("blocked"), PATIENCE_MS);
    signal.addEventListener("abort", aborted);
    try {
      end = start(settle);
    } catch {
      settle("unknown");
    }
    if (signal.aborted) aborted();
  });
}

/** Address and port of the first candidate: what a firewall has to let through. */
export function targetOf(offer: string): string {
  const [, address, port] = /^a=candidate:\S+ \d+ \S+ \d+ (\S+) (\d+) /m.exec(offer) ?? [];
  if (address === undefined) return "";
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
