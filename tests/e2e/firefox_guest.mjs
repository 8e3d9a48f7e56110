// A guest with Firefox: opens a meeting's link, knocks, and once inside says every half second what arrives.
//
//   node firefox_guest.mjs FIREFOX LINK NAME
//
// Prints one JSON object per line: {step}, {stats} or {error}. Leaves when its input ends.

import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { default: puppeteer } = await import(require.resolve("puppeteer-core"));

const [executablePath, link, name] = process.argv.slice(2);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const PREFS = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "media.autoplay.default": 0,
  "intl.accept_languages": "en-GB",
  // Nothing may leave this machine: all that isn't for it goes to a proxy that isn't there.
  "network.proxy.type": 1,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
  "network.proxy.no_proxies_on": "localhost, 127.0.0.1",
  "network.dns.disablePrefetch": true,
  "network.prefetch-next": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "media.gmp-manager.url": "",
};

function watchConnections() {
  const all = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...parameters) {
      super(...parameters);
      all.push(this);
    }
  };
  window.connections = all;
}

async function inbound() {
  const sums = { framesDecoded: 0, audioPackets: 0, audioEnergy: 0, framesSent: 0 };
  for (const connection of window.connections) {
    if (connection.connectionState === "closed") continue;
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type === "inbound-rtp" && entry.kind === "video") sums.framesDecoded += entry.framesDecoded ?? 0;
      if (entry.type === "inbound-rtp" && entry.kind === "audio") {
        sums.audioPackets += entry.packetsReceived ?? 0;
        sums.audioEnergy += entry.totalAudioEnergy ?? 0;
      }
      if (entry.type === "outbound-rtp" && entry.kind === "video") sums.framesSent += entry.framesSent ?? 0;
    }
  }
  return sums;
}

const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true, extraPrefsFirefox: PREFS });
let page;
let over = false;
process.stdin.resume();
process.stdin.on("end", () => (over = true));
try {
  say({ step: "started" });
  page = await browser.newPage();
  page.on("pageerror", (error) => say({ error: String(error) }));
  page.on("console", (message) => message.type() === "error" && say({ error: message.text() }));
  await page.evaluateOnNewDocument(watchConnections);
  await page.goto(link);
  await page.locator("::-p-text(Your connection and devices are ready.)").wait();
  say({ step: "checked" });
  await page.locator("input[autocomplete=name]").fill(name);
  await page.locator("form input[type=checkbox]").click();
  await page.locator("button[type=submit]").click();
  await page.locator("button[aria-label=Leave]").wait();
  say({ step: "inside" });
  while (!over) {
    say({ stats: await page.evaluate(inbound) });
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await page.locator("button[aria-label=Leave]").click();
  await page.locator("::-p-text(You left the meeting)").wait();
} catch (error) {
  say({ error: String(error), shown: await page?.evaluate(() => document.body.innerText) });
  process.exitCode = 1;
} finally {
  await browser.close();
}
