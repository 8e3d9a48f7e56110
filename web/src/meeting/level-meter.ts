/** How loud a local track is now, for the meter beside a device picker. */

const INTERVAL_MS = 50;
const SILENT_DB = -60;

/** Loudness 0 (silent) to 1 of samples between -1 and 1. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return 0;
  const db = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, 1 - db / SILENT_DB));
}

/** Calls about 20 times a second with the track's loudness, 0 to 1; returns how to stop. */
export function watchLevel(track: MediaStreamTrack, listener: (level: number) => void): () => void {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const wake = () => void context.resume().catch(() => undefined);
  if (context.state === "suspended") {
    wake(); // refused until somebody has touched the page
    addEventListener("pointerdown", wake, { once: true });
  }
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    listener(track.enabled ? loudness(samples) : 0);
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    removeEventListener("pointerdown", wake);
    source.disconnect();
    void context.close().catch(() => undefined);
  };
}
