/**
 * Finds the person in a picture, off the page's thread: MediaPipe's selfie segmentation, whose model runs on the processor.
 *
 * That package was written for pages. In a worker it goes wrong (it runs the model's file as a script, and has no canvas), so it
 * is shown just as much of a page as it asks for. A classic worker, since it loads scripts; hence it imports types only.
 *
 * Its timer goes on in hidden tabs, where browsers slow down those of pages to one a second.
 */

import type { SelfieSegmentation } from "@mediapipe/selfie_segmentation";

import type { FromSegmenter, ToSegmenter } from "./segmenter";

interface Solution extends Omit<SelfieSegmentation, "send" | "setOptions"> {
  setOptions: (options: { modelSelection: number; useCpuInference: boolean }) => void;
  send: (inputs: { image: ImageBitmap }) => Promise<void>;
}

interface Scope {
  window: unknown;
  document: unknown;
  importScripts: (url: string) => void;
  postMessage: (message: FromSegmenter, moved?: Transferable[]) => void;
  onmessage: (event: MessageEvent<ToSegmenter>) => void;
  SelfieSegmentation: new (config: { locateFile: (name: string) => string }) => Solution;
}

const scope = self as unknown as Scope;
const [GENERAL, LANDSCAPE] = [0, 1];
/** A module that holds one vector instruction. */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

let solution: Solution | null = null;
let selected: number | null = null;
let take: (mask: ImageBitmap) => void = () => undefined;

function pretendPage(): void {
  scope.window = self;
  scope.document = {
    createElement: (name: string) => (name === "canvas" ? new OffscreenCanvas(1, 1) : new Script()),
    body: {
      appendChild: (script: Script) => {
        scope.importScripts(script.src);
        script.loaded();
      },
    },
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
}

class Script {
  src = "";
  loaded = (): void => undefined;

  setAttribute(name: string, value: string): void {
    if (name === "src") this.src = value;
  }

  addEventListener(name: string, listener: () => void): void {
    if (name === "load") this.loaded = listener;
  }
}

async function start(files: Record<string, string>): Promise<void> {
  if (new OffscreenCanvas(1, 1).getContext("webgl2") === null) throw new Problem("no-webgl", "WebGL is missing.");
  if (!WebAssembly.validate(new Uint8Array(SIMD))) throw new Problem("unsupported", "WebAssembly lacks vectors.");
  pretendPage();
  scope.importScripts(files["selfie_segmentation.js"] ?? "");
  solution = new scope.SelfieSegmentation({ locateFile: (name) => files[name] ?? name });
  solution.onResults(({ segmentationMask }) => take(segmentationMask as ImageBitmap));
  select(LANDSCAPE);
  await solution.initialize();
}

function select(model: number): void {
  if (model === selected) return;
  selected = model;
  solution?.setOptions({ modelSelection: model, useCpuInference: true });
}

async function segment(image: ImageBitmap, blurSize: { width: number; height: number } | null): Promise<void> {
  select(image.width > image.height ? LANDSCAPE : GENERAL);
  const found = new Promise<ImageBitmap>((resolve) => {
    take = resolve;
  });
  await solution?.send({ image });
  const mask = await found;
  const rgba = pixelsOf(mask, mask);
  const person = new Uint8ClampedArray(rgba.length / 4);
  for (let index = 0; index < person.length; index += 1) person[index] = rgba[index * 4 + 3] ?? 0;
  const small = blurSize && { ...blurSize, pixels: pixelsOf(image, blurSize) };
  scope.postMessage(
    { kind: "found", mask: { width: mask.width, height: mask.height, person }, small },
    small ? [person.buffer, small.pixels.buffer] : [person.buffer],
  );
  mask.close();
  image.close();
}

/** One for masks and one for pictures, so that neither is made anew for every frame. */
const canvases = new Map<string, OffscreenCanvas>();

function pixelsOf(image: ImageBitmap, { width, height }: { width: number; height: number }): Uint8ClampedArray<ArrayBuffer> {
  const size = `${width} ${height}`;
  const canvas = canvases.get(size) ?? new OffscreenCanvas(width, height);
  canvases.set(size, canvas);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Problem("failed", "No canvas.");
  context.globalCompositeOperation = "copy";
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data as Uint8ClampedArray<ArrayBuffer>;
}

class Problem extends Error {
  constructor(
    readonly problem: "unsupported" | "no-webgl" | "failed",
    message: string,
  ) {
    super(message);
  }
}

async function handle(message: ToSegmenter): Promise<void> {
  if (message.kind === "start") {
    await start(message.files);
    scope.postMessage({ kind: "started" });
  } else if (message.kind === "segment") await segment(message.image, message.blurSize);
  else setTimeout(() => scope.postMessage({ kind: "woke" }), message.ms);
}

scope.onmessage = ({ data }) => {
  handle(data).catch((reason: unknown) => {
    const problem = reason instanceof Problem ? reason.problem : "failed";
    scope.postMessage({ kind: "problem", problem, message: String(reason) });
  });
};
