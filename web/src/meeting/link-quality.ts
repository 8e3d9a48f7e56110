/** Judges the connection from what the browser counts: how long the server takes to answer, and how much gets lost. */

import type { Link } from "./state";

/** Above this a conversation stumbles (ITU-T G.114 draws the line at 400 ms one way, with everything added). */
const SLOW_SECONDS = 0.4;
/** Share of packets lost beyond which repair is heard and seen. */
const LOSSY = 0.08;

/** What one look at a transport says. Seconds; packets since the transport began. */
export interface LinkSample {
  roundTrip: number | null;
  /** Share of what we sent that got lost, by the server's last report. */
  lostSent: number | null;
  received: number;
  lostReceived: number;
  /** The path is TCP. */
  tcp: boolean;
}

/** Read a transport's report. */
export function sampleOf(report: RTCStatsReport): LinkSample {
  const sample: LinkSample = { roundTrip: null, lostSent: null, received: 0, lostReceived: 0, tcp: false };
  const remotes = new Map<unknown, unknown>();
  let chosen: unknown;
  report.forEach((entry: Record<string, unknown>) => {
    if (entry.type === "candidate-pair" && entry.nominated === true && typeof entry.currentRoundTripTime === "number") {
      sample.roundTrip = Math.max(sample.roundTrip ?? 0, entry.currentRoundTripTime);
      chosen = entry.remoteCandidateId;
    } else if (entry.type === "remote-inbound-rtp" && typeof entry.fractionLost === "number") {
      sample.lostSent = Math.max(sample.lostSent ?? 0, entry.fractionLost);
    } else if (entry.type === "inbound-rtp") {
      sample.received += numeric(entry.packetsReceived);
      sample.lostReceived += numeric(entry.packetsLost);
    } else if (entry.type === "remote-candidate") {
      remotes.set(entry.id, entry.protocol);
    }
  });
  sample.tcp = remotes.get(chosen) === "tcp";
  return sample;
}

/** The verdict on the time between two looks at the same transports. */
export function judge(before: readonly LinkSample[], now: readonly LinkSample[]): Link {
  const lost = Math.max(0, ...now.map((sample) => sample.lostSent ?? 0), receivedLoss(before, now));
  if (lost > LOSSY) return { state: "poor", reason: "loss" };
  if (now.some((sample) => (sample.roundTrip ?? 0) > SLOW_SECONDS)) return { state: "poor", reason: "delay" };
  return { state: "good" };
}

function receivedLoss(before: readonly LinkSample[], now: readonly LinkSample[]): number {
  const grown = (key: "received" | "lostReceived") => Math.max(0, sum(now, key) - sum(before, key));
  const received = grown("received");
  const lost = grown("lostReceived");
  return received + lost < 50 ? 0 : lost / (received + lost);
}

function sum(samples: readonly LinkSample[], key: "received" | "lostReceived"): number {
  return samples.reduce((total, sample) => total + sample[key], 0);
}

function numeric(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
