/**
 * What the check before the meeting found, judged: which findings to show, worst first, and what mends each. Pure.
 */

import type { TextKey } from "../i18n/catalogue";
import type { DeviceProblem } from "../meeting/devices";
import type { BrowserFamily } from "./browser";

/** Whether a way through the network is open. "unknown": it wasn't tried, or couldn't be. */
export type Reach = "open" | "blocked" | "unknown";

/** What `network.ts` measured. */
export interface Network {
  /** Whether the server answered over HTTP at all. */
  server: Reach;
  socket: Reach;
  udp: Reach;
  tcp: Reach;
  /** Whether those inside get a TURN server, which may work where UDP and TCP are blocked. */
  relay: boolean;
  /** Where media goes, for whoever runs the firewall; empty where it isn't known. */
  target: string;
}

export type Source = "microphone" | "camera";

/** Everything that the verdict depends on. network is null while it is being measured. */
export interface Results {
  secure: boolean;
  webrtc: boolean;
  browser: BrowserFamily;
  network: Network | null;
  devices: Readonly<Record<Source, DeviceProblem | null>>;
}

export interface Finding {
  /** Names it for programs; unique among the findings of one verdict. */
  id: string;
  /** "stops": one can't take part like this. "hampers": one can, but not fully. */
  weight: "stops" | "hampers";
  problem: TextKey;
  remedy: TextKey;
  /** Which devices it is about. */
  devices: readonly Source[];
}

/** The findings, those that keep one out before those that only hamper. */
export function verdict(results: Results): Finding[] {
  const found = [...page(results), ...network(results), ...devices(results)];
  return [...found.filter((one) => one.weight === "stops"), ...found.filter((one) => one.weight !== "stops")];
}

type NetworkFinding = "offline" | "socket" | "media" | "relay-only" | "udp";

function finding(
  id: "insecure" | "no-webrtc" | NetworkFinding,
  weight: Finding["weight"],
): Finding {
  return { id, weight, problem: `preflight.${id}`, remedy: `preflight.${id}.fix`, devices: [] };
}

function page({ secure, webrtc }: Results): Finding[] {
  return [
    ...(webrtc ? [] : [finding("no-webrtc", "stops")]),
    ...(secure ? [] : [finding("insecure", "hampers")]), // one can still watch and listen
  ];
}

function network({ network: measured, webrtc }: Results): Finding[] {
  if (measured === null) return [];
  if (measured.server === "blocked") return [finding("offline", "stops")]; // all else follows from it
  const found: Finding[] = [];
  if (measured.socket === "blocked") found.push(finding("socket", "stops"));
  if (webrtc && measured.udp === "blocked") {
    if (measured.tcp === "open") found.push(finding("udp", "hampers"));
    else if (measured.relay) found.push(finding("relay-only", "hampers"));
    else found.push(finding("media", "stops"));
  }
  return found;
}

/** One finding for both devices where they have the same trouble. */
function devices({ devices: problems, browser, secure }: Results): Finding[] {
  const { microphone, camera } = problems;
  const groups: [DeviceProblem | null, Source[]][] =
    microphone === camera
      ? [[microphone, ["microphone", "camera"]]]
      : [
          [microphone, ["microphone"]],
          [camera, ["camera"]],
        ];
  return groups.flatMap(([problem, of]) => {
    if (problem === null || (problem === "insecure" && !secure)) return [];
    const remedy: TextKey = problem === "denied" ? `preflight.denied.fix.${browser}` : `preflight.device.${problem}.fix`;
    return [{ id: `${problem} ${of.join(" ")}`, weight: "hampers", problem: `preflight.device.${problem}`, remedy, devices: of }];
  });
}
