import { describe, expect, it } from "vitest";

import { en } from "../i18n/en";
import { browserFamily } from "./browser";
import { targetOf } from "./network";
import { type Network, type Results, verdict } from "./verdict";

const OPEN: Network = { server: "open", socket: "open", udp: "open", tcp: "unknown", relay: false, target: "192.0.2.1:9" };
const WELL: Results = {
  secure: true,
  webrtc: true,
  browser: "chromium",
  network: OPEN,
  devices: { microphone: null, camera: null },
};

const ids = (results: Partial<Results>) => verdict({ ...WELL, ...results }).map((one) => one.id);
const net = (network: Partial<Network>) => ids({ network: { ...OPEN, ...network } });

describe("the verdict", () => {
  it("is empty when all is well, and while nothing is known yet", () => {
    expect(verdict(WELL)).toEqual([]);
    expect(ids({ network: null })).toEqual([]);
    expect(net({ udp: "unknown", tcp: "unknown", socket: "unknown" })).toEqual([]);
  });

  it("tells what of the network is blocked", () => {
    expect(net({ socket: "blocked" })).toEqual(["socket"]);
    expect(net({ udp: "blocked", tcp: "open" })).toEqual(["udp"]);
    expect(net({ udp: "blocked", tcp: "blocked" })).toEqual(["media"]);
    expect(net({ udp: "blocked", tcp: "unknown" }), "a server without TCP").toEqual(["media"]);
    expect(net({ udp: "blocked", tcp: "blocked", relay: true })).toEqual(["relay-only"]);
    expect(net({ tcp: "blocked" }), "TCP doesn't matter where UDP works").toEqual([]);
  });

  it("says only that the server can't be reached when nothing can", () => {
    expect(net({ server: "blocked", socket: "blocked", udp: "blocked", tcp: "blocked" })).toEqual(["offline"]);
  });

  it("says that WebRTC is missing, and nothing of media then", () => {
    expect(ids({ webrtc: false, network: { ...OPEN, udp: "blocked" } })).toEqual(["no-webrtc"]);
  });

  it("says once that the page isn't secure, not for each device", () => {
    expect(ids({ secure: false, devices: { microphone: "insecure", camera: "insecure" } })).toEqual(["insecure"]);
  });

  it("puts both devices into one finding when they have the same trouble", () => {
    expect(ids({ devices: { microphone: "denied", camera: "denied" } })).toEqual(["denied microphone camera"]);
    expect(ids({ devices: { microphone: "busy", camera: "missing" } })).toEqual(["busy microphone", "missing camera"]);
    expect(ids({ devices: { microphone: null, camera: "missing" } })).toEqual(["missing camera"]);
  });

  it("puts what keeps one out before what only hampers", () => {
    const found = verdict({
      ...WELL,
      secure: false,
      devices: { microphone: "missing", camera: "missing" },
      network: { ...OPEN, socket: "blocked", udp: "blocked", tcp: "open" },
    });
    expect(found.map((one) => [one.id, one.weight])).toEqual([
      ["socket", "stops"],
      ["insecure", "hampers"],
      ["udp", "hampers"],
      ["missing microphone camera", "hampers"],
    ]);
  });

  it("has a text for every problem and every remedy, in the browser's own words for a permission", () => {
    const remedies = new Set<string>();
    for (const browser of ["chromium", "firefox", "safari", "ios", "other"] as const) {
      for (const problem of ["denied", "system", "missing", "busy", "failed", "insecure"] as const) {
        const [found] = verdict({ ...WELL, browser, devices: { microphone: null, camera: problem } });
        expect(en).toHaveProperty([found?.problem ?? ""]);
        expect(en).toHaveProperty([found?.remedy ?? ""]);
        if (problem === "denied") remedies.add(found?.remedy ?? "");
      }
    }
    expect(remedies.size).toBe(5);
    const networks: Partial<Network>[] = [
      { server: "blocked" },
      { socket: "blocked", udp: "blocked", tcp: "open" },
      { udp: "blocked" },
      { udp: "blocked", relay: true },
    ];
    for (const network of networks) {
      for (const found of verdict({ ...WELL, webrtc: true, network: { ...OPEN, ...network } })) {
        expect(en).toHaveProperty([found.problem]);
        expect(en).toHaveProperty([found.remedy]);
      }
    }
  });
});

describe("what the verdict is made of", () => {
  it("tells browsers apart, whatever they pretend", () => {
    const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";
    const safari = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15";
    expect(browserFamily(chrome)).toBe("chromium");
    expect(browserFamily(`${chrome} Edg/139.0.0.0`)).toBe("chromium");
    expect(browserFamily(safari)).toBe("safari");
    expect(browserFamily("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("firefox");
    expect(browserFamily("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 CriOS/139.0 Mobile Safari/604.1")).toBe("ios");
    expect(browserFamily("Lynx")).toBe("other");
  });

  it("reads from an offer what a firewall has to let through", () => {
    const offer = (address: string) => `v=0\r\na=candidate:1 1 udp 2130706431 ${address} 7882 typ host\r\n`;
    expect(targetOf(offer("192.0.2.1"))).toBe("192.0.2.1:7882");
    expect(targetOf(offer("2001:db8::1"))).toBe("[2001:db8::1]:7882");
    expect(targetOf("v=0\r\n")).toBe("");
  });
});
