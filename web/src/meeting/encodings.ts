/** How each source is encoded: layers, bitrates, and what to give up first when the uplink is short. */

import type { Source } from "../protocol.generated";

/** Camera layers, lowest first (RFC 8853 rids), for a 720p camera; a smaller picture fills the lower ones only. */
const CAMERA_LAYERS: RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 600_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 2_500_000 },
];

const OTHERS: Record<Exclude<Source, "camera">, RTCRtpEncodingParameters[]> = {
  microphone: [{ maxBitrate: 48_000, priority: "high", networkPriority: "high" }],
  screen: [{ maxBitrate: 3_000_000 }],
  screen_audio: [{ maxBitrate: 128_000 }],
};

/** The sendEncodings of a transceiver for that source. */
export function encodings(source: Source): RTCRtpEncodingParameters[] {
  const layers = source === "camera" ? CAMERA_LAYERS : OTHERS[source];
  return layers.map((layer) => ({ ...layer }));
}

/** Audio or video. */
export function kindOf(source: Source): "audio" | "video" {
  return source === "camera" || source === "screen" ? "video" : "audio";
}
