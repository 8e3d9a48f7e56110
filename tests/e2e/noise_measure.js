// Sends speech with noise through the noise filter's worklet, as this page was served it, faster than real time. Answers what
// became of both: levels in dB, and how far the speech still rises and falls as it did (correlation of its loudness over time).
async ([speech, kind]) => {
  const RATE = 48_000;
  const LEARNING = 8; // seconds of noise alone, then speech, then noise alone again
  const AFTER = 3;
  const BANDS = [300, 600, 1200, 2400];
  const STEP = RATE / 50;

  const [worklet] = window.worklets;
  const wasm = performance.getEntriesByType('resource').find(({ name }) => /\/assets\/rnnoise[^/]*\.wasm$/.test(name));
  const wasmBinary = await (await fetch(wasm.name)).arrayBuffer();

  const bytes = Uint8Array.from(atob(speech), (one) => one.charCodeAt(0));
  const spoken = (await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes.buffer)).getChannelData(0);
  const begin = LEARNING * RATE;
  const length = Math.ceil((begin + spoken.length + AFTER * RATE) / STEP) * STEP;
  const clean = new Float32Array(length);
  clean.set(spoken, begin);

  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  const noise = new Float32Array(length);
  let low = 0;
  for (let index = 0; index < length; index += 1) {
    const white = random();
    low += (white - low) * 0.05;
    noise[index] = kind === 'white' ? white : low + 0.15 * white + 0.05 * Math.sin((2 * Math.PI * 100 * index) / RATE);
  }
  const rms = (samples, from = 0, to = samples.length) => {
    let sum = 0;
    for (let index = from; index < to; index += 1) sum += samples[index] ** 2;
    return Math.sqrt(sum / (to - from));
  };
  const scale = rms(spoken) / rms(noise) / 10 ** (12 / 20); // speech 12 dB louder than the noise
  for (let index = 0; index < length; index += 1) noise[index] *= scale;
  const mixed = clean.map((sample, index) => sample + noise[index]);

  const render = async (samples, connect) => {
    const context = new OfflineAudioContext(1, length, RATE);
    const buffer = context.createBuffer(1, length, RATE);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    await connect(context, source);
    source.start();
    return (await context.startRendering()).getChannelData(0);
  };
  const filter = async (samples) => {
    // The worklet says nothing when it is ready, so it is given longer until it was.
    for (const patience of [200, 1000, 4000]) {
      const filtered = await render(samples, async (context, source) => {
        await context.audioWorklet.addModule(worklet);
        const node = new AudioWorkletNode(context, '@sapphi-red/web-noise-suppressor/rnnoise', {
          processorOptions: { maxChannels: 1, wasmBinary },
        });
        source.connect(node).connect(context.destination);
        await new Promise((resolve) => setTimeout(resolve, patience));
      });
      if (filtered.some((sample) => sample !== 0)) return filtered;
    }
    throw new Error('Nothing comes out of the worklet.');
  };
  const loudness = async (samples, band) => {
    const passed = await render(samples, (context, source) => {
      source.connect(new BiquadFilterNode(context, { type: 'bandpass', frequency: band, Q: 1.4 })).connect(context.destination);
    });
    const found = [];
    for (let from = begin; from < begin + spoken.length - STEP; from += STEP) found.push(rms(passed, from, from + STEP));
    return found;
  };
  const correlation = (a, b) => {
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [meanA, meanB] = [mean(a), mean(b)];
    const product = (x, y, meanX, meanY) => x.reduce((sum, value, index) => sum + (value - meanX) * (y[index] - meanY), 0);
    return product(a, b, meanA, meanB) / Math.sqrt(product(a, a, meanA, meanA) * product(b, b, meanB, meanB));
  };
  const db = (a, b) => 20 * Math.log10(a / b);

  const filtered = await filter(mixed);
  const tail = [begin + spoken.length + RATE / 2, length];
  const head = [begin - RATE, begin];
  const alike = [];
  for (const band of BANDS) {
    const [was, is] = [await loudness(clean, band), await loudness(filtered, band)];
    // The filter answers a little later than it hears.
    alike.push(Math.max(...[0, 1, 2].map((late) => correlation(was.slice(0, was.length - late), is.slice(late)))));
  }
  return {
    noise_before_speech_db: db(rms(filtered, ...head), rms(mixed, ...head)),
    noise_after_speech_db: db(rms(filtered, ...tail), rms(mixed, ...tail)),
    speech_db: db(rms(filtered, begin, begin + spoken.length), rms(clean, begin, begin + spoken.length)),
    alike,
  };
}
