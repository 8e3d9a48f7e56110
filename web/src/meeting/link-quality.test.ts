import { describe, expect, it } from "vitest";

import { type LinkSample, judge, sampleOf } from "./link-quality";

const sample = (part: Partial<LinkSample> = {}): LinkSample => ({
  roundTrip: 0.05,
  lostSent: 0,
  received: 0,
  lostReceived: 0,
  tcp: false,
  ...part,
});

describe("the verdict on a connection", () => {
  it("is good when little is lost and answers are quick", () => {
    expect(judge([sample()], [sample({ received: 1000, lostReceived: 10 })])).toEqual({ state: "good" });
  });

  it("is poor when what we receive gets lost", () => {
    const verdict = judge([sample({ received: 1000 })], [sample({ received: 1900, lostReceived: 100 })]);
    expect(verdict).toEqual({ state: "poor", reason: "loss" });
  });

  it("is poor when what we send gets lost", () => {
    expect(judge([sample()], [sample({ lostSent: 0.2 })])).toEqual({ state: "poor", reason: "loss" });
  });

  it("is poor when answers take long", () => {
    expect(judge([sample()], [sample({ roundTrip: 0.6 })])).toEqual({ state: "poor", reason: "delay" });
  });

  it("doesn't judge a handful of packets", () => {
    expect(judge([sample()], [sample({ received: 10, lostReceived: 10 })])).toEqual({ state: "good" });
  });

  it("reads what browsers report", () => {
    const report = new Map<string, object>([
      ["a", { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.1, remoteCandidateId: "r" }],
      ["r", { id: "r", type: "remote-candidate", protocol: "tcp" }],
      ["b", { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 }],
      ["c", { type: "remote-inbound-rtp", fractionLost: 0.02 }],
      ["d", { type: "inbound-rtp", packetsReceived: 5, packetsLost: 1 }],
      ["e", { type: "inbound-rtp", packetsReceived: 6 }],
    ]);
    expect(sampleOf(report as unknown as RTCStatsReport)).toEqual({
      roundTrip: 0.1,
      lostSent: 0.02,
      received: 11,
      lostReceived: 1,
      tcp: true,
    });
  });
});
