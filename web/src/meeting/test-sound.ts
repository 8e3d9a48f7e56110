/** Three rising tones through the chosen speaker, so that somebody knows that they will hear. */

import { loadChoices } from "./devices";

const TONES_HZ = [523.25, 659.25, 783.99];
const TONE_SECONDS = 0.25;

/** Resolves when it has been played. Rejects where the browser plays nothing. */
export async function playTestSound(): Promise<void> {
  const context = new AudioContext();
  try {
    await context.resume();
    const out = context.createMediaStreamDestination();
    const start = context.currentTime + 0.05;
    TONES_HZ.forEach((frequency, index) => {
      const from = start + index * TONE_SECONDS;
      const tone = new OscillatorNode(context, { frequency });
      const loudness = new GainNode(context, { gain: 0 });
      loudness.gain.setValueAtTime(0, from);
      loudness.gain.linearRampToValueAtTime(0.3, from + 0.03);
      loudness.gain.linearRampToValueAtTime(0, from + TONE_SECONDS);
      tone.connect(loudness).connect(out);
      tone.start(from);
      tone.stop(from + TONE_SECONDS);
    });
    const audio = new Audio();
    audio.srcObject = out.stream;
    const { speakerId } = loadChoices();
    if (speakerId !== null) await audio.setSinkId?.(speakerId).catch(() => undefined);
    await audio.play();
    const length = (TONES_HZ.length * TONE_SECONDS + 0.3) * 1000;
    await new Promise((resolve) => setTimeout(resolve, length));
    audio.srcObject = null;
  } finally {
    void context.close().catch(() => undefined);
  }
}
