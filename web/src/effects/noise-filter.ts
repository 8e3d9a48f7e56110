/**
 * The noise filter: RNNoise (Valin, "A Hybrid DSP/Deep Learning Approach to Real-Time Full-Band Speech Enhancement", 2018)
 * in an audio worklet, after what the browser itself does against echo and noise.
 *
 * A worklet whose WebAssembly fails stays silent without a word, and an audio context may be kept waiting by the browser
 * until somebody touches the page. So the filter counts as working only when sound came through it.
 */

import { RnnoiseWorkletNode, loadRnnoise } from "@sapphi-red/web-noise-suppressor";
import simdUrl from "@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url";
import url from "@sapphi-red/web-noise-suppressor/rnnoise.wasm?url";
import workletUrl from "@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url";

import { unlessAborted } from "./abort";
import type { Effect, EffectListener } from "./own-device";
import { EffectError } from "./status";

/** RNNoise knows only this rate; the context resamples what comes at another. */
const RATE_HZ = 48_000;
/** How long a running context may take until sound comes through the filter. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 20;
const GESTURES = ["pointerdown", "keydown"] as const;

/** Resolves when sound comes through; until then the microphone goes on without. */
export async function startNoiseFilter(
  raw: MediaStreamTrack,
  _wish: true,
  signal: AbortSignal,
  listener: EffectListener,
): Promise<Effect<true>> {
  const context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
  const sleeping = wakeOnGesture(context);
  const end = () => {
    sleeping();
    context.onstatechange = null;
    void context.close().catch(() => undefined);
  };
  try {
    const filter = await load(context, signal);
    filter.onprocessorerror = () => listener.broke(new EffectError("failed", "The noise filter's worklet ended."));
    await running(context, signal);
    await soundComesThrough(context, filter, signal);
    const source = context.createMediaStreamSource(new MediaStream([raw]));
    const sink = context.createMediaStreamDestination();
    sink.channelCount = 1;
    source.connect(filter).connect(sink);
    const [track] = sink.stream.getAudioTracks();
    if (track === undefined) throw new EffectError("failed", "The noise filter has no output.");
    // A phone call or another program may take the sound away for a while.
    context.onstatechange = () => {
      listener.works(context.state === "running");
      if (context.state !== "running") void context.resume().catch(() => undefined);
    };
    return {
      track,
      change: () => undefined,
      stop: () => {
        filter.destroy();
        track.stop();
        source.disconnect();
        end();
      },
    };
  } catch (reason) {
    end();
    throw reason;
  }
}

async function load(context: AudioContext, signal: AbortSignal): Promise<RnnoiseWorkletNode> {
  const [wasmBinary] = await Promise.all([
    loadRnnoise({ url, simdUrl }, { signal }),
    unlessAborted(context.audioWorklet.addModule(workletUrl), signal),
  ]);
  if (!WebAssembly.validate(wasmBinary)) throw new EffectError("failed", "The noise filter did not arrive whole.");
  const filter = new RnnoiseWorkletNode(context, { maxChannels: 1, wasmBinary });
  filter.channelCount = 1;
  filter.channelCountMode = "explicit";
  return filter;
}

function running(context: AudioContext, signal: AbortSignal): Promise<void> {
  if (context.state === "running") return Promise.resolve();
  const runs = new Promise<void>((resolve) => {
    context.onstatechange = () => context.state === "running" && resolve();
  });
  return unlessAborted(runs, signal);
}

/** A little noise goes in, connected to nobody's ear; rejects when nothing comes out. */
async function soundComesThrough(context: AudioContext, filter: AudioNode, signal: AbortSignal): Promise<void> {
  const hiss = context.createBuffer(1, context.sampleRate / 10, context.sampleRate);
  const samples = hiss.getChannelData(0);
  for (let index = 0; index < samples.length; index += 1) samples[index] = (Math.random() - 0.5) / 4;
  const source = new AudioBufferSourceNode(context, { buffer: hiss, loop: true });
  const ear = context.createAnalyser();
  const deaf = new GainNode(context, { gain: 0 });
  source.connect(filter).connect(ear).connect(deaf).connect(context.destination);
  source.start();
  const heard = new Float32Array(ear.fftSize);
  try {
    for (let waited = 0; !heard.some((sample) => sample !== 0); waited += LOOK_MS) {
      if (waited > PATIENCE_MS) throw new EffectError("failed", "Nothing comes through the noise filter.");
      await unlessAborted(new Promise((resolve) => setTimeout(resolve, LOOK_MS)), signal);
      ear.getFloatTimeDomainData(heard);
    }
  } finally {
    source.stop();
    source.disconnect();
    filter.disconnect();
    ear.disconnect();
    deaf.disconnect();
  }
}

/** Browsers may let a context run only after somebody touched the page; returns how to stop trying. */
function wakeOnGesture(context: AudioContext): () => void {
  const wake = () => void (context.state === "closed" || context.resume().catch(() => undefined));
  for (const gesture of GESTURES) addEventListener(gesture, wake, { capture: true });
  return () => {
    for (const gesture of GESTURES) removeEventListener(gesture, wake, { capture: true });
  };
}
