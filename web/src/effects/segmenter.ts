/** Asks the worker that finds people in pictures: one question at a time, each answered or refused in bounded time. */

import graph from "@mediapipe/selfie_segmentation/selfie_segmentation.binarypb?url";
import solution from "@mediapipe/selfie_segmentation/selfie_segmentation.js?url";
import general from "@mediapipe/selfie_segmentation/selfie_segmentation.tflite?url";
import landscape from "@mediapipe/selfie_segmentation/selfie_segmentation_landscape.tflite?url";
import loader from "@mediapipe/selfie_segmentation/selfie_segmentation_solution_simd_wasm_bin.js?url";
import wasm from "@mediapipe/selfie_segmentation/selfie_segmentation_solution_simd_wasm_bin.wasm?url";

import { unlessAborted } from "./abort";
import type { Picture } from "./blur";
import type { Size } from "./geometry";
import type { Mask } from "./mask";
import { EffectError, type EffectProblem } from "./status";

/** `blurSize`: also give the picture back, in this size. */
export type ToSegmenter =
  | { kind: "start"; files: Record<string, string> }
  | { kind: "segment"; image: ImageBitmap; blurSize: Size | null }
  | { kind: "sleep"; ms: number };

export type FromSegmenter =
  | { kind: "started" }
  | { kind: "found"; mask: Mask; small: Picture | null }
  | { kind: "woke" }
  | { kind: "problem"; problem: EffectProblem; message: string };

type Answer<Kind extends FromSegmenter["kind"]> = Extract<FromSegmenter, { kind: Kind }>;

/** By the names that the package asks for. */
const FILES = {
  "selfie_segmentation.js": solution,
  "selfie_segmentation.binarypb": graph,
  "selfie_segmentation.tflite": general,
  "selfie_segmentation_landscape.tflite": landscape,
  "selfie_segmentation_solution_simd_wasm_bin.js": loader,
  "selfie_segmentation_solution_simd_wasm_bin.wasm": wasm,
};

/** Some 2 MB have to come and be compiled. */
const START_MS = 60_000;
const ANSWER_MS = 10_000;

export class Segmenter {
  private readonly worker = new Worker(new URL("./segmenter.worker.ts", import.meta.url));

  private constructor(private readonly signal: AbortSignal) {}

  /** Rejects with EffectError. Ends when `signal` aborts. */
  static async start(signal: AbortSignal): Promise<Segmenter> {
    if (typeof Worker !== "function" || typeof OffscreenCanvas !== "function" || typeof WebAssembly !== "object") {
      throw new EffectError("unsupported", "This browser has no workers, offscreen canvases or WebAssembly.");
    }
    signal.throwIfAborted();
    const segmenter = new Segmenter(signal);
    signal.addEventListener("abort", () => segmenter.worker.terminate(), { once: true });
    await segmenter.ask("started", { kind: "start", files: addresses() }, START_MS);
    return segmenter;
  }

  /** Where the person is. The image is the worker's from then on. */
  segment(image: ImageBitmap, blurSize: Size | null): Promise<Answer<"found">> {
    return this.ask("found", { kind: "segment", image, blurSize }, ANSWER_MS, [image]);
  }

  /** Resolves after that time, also in a hidden tab. */
  async sleep(ms: number): Promise<void> {
    if (ms > 0) await this.ask("woke", { kind: "sleep", ms }, ms + ANSWER_MS);
  }

  private async ask<Kind extends FromSegmenter["kind"]>(
    kind: Kind,
    question: ToSegmenter,
    patienceMs: number,
    moved: Transferable[] = [],
  ): Promise<Answer<Kind>> {
    let patience: ReturnType<typeof setTimeout> | undefined;
    const answer = new Promise<Answer<Kind>>((resolve, reject) => {
      const fail = (problem: EffectProblem, message: string) => reject(new EffectError(problem, message));
      const wait = () => {
        const began = performance.now();
        patience = setTimeout(() => {
          // Much later than asked for: the machine slept, and so did the worker.
          if (performance.now() - began > 2 * patienceMs) wait();
          else fail("failed", "Segmentation takes too long.");
        }, patienceMs);
      };
      wait();
      this.worker.onerror = (event) => fail("failed", `The segmentation worker ended: ${event.message}`);
      this.worker.onmessage = ({ data }: MessageEvent<FromSegmenter>) => {
        if (data.kind === "problem") fail(data.problem, data.message);
        else if (data.kind === kind) resolve(data as Answer<Kind>);
      };
    });
    this.worker.postMessage(question, moved);
    return unlessAborted(answer, this.signal).finally(() => clearTimeout(patience));
  }
}

/** Whole addresses: a worker would take others as relative to itself. */
function addresses(): Record<string, string> {
  const whole = (address: string) => new URL(address, location.href).href;
  return Object.fromEntries(Object.entries(FILES).map(([name, address]) => [name, whole(address)]));
}
