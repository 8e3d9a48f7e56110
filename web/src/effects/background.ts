/** The effect behind a person: takes the camera's frames one by one, finds the person, and gives out a picture with another background. */

import { unlessAborted } from "./abort";
import type { Background } from "./choices";
import { Compositor } from "./compositor";
import { blurSize, modelSize, pause } from "./geometry";
import { loadImage } from "./images";
import type { Effect, EffectListener } from "./own-device";
import { Segmenter } from "./segmenter";
import { EffectError } from "./status";

/** Frames in a second, at most. */
const RATE = 30;
/** Until the camera has its first picture. */
const LOOK_MS = 50;

/** Resolves when the first picture is made. */
export async function startBackground(
  raw: MediaStreamTrack,
  wish: Background,
  signal: AbortSignal,
  listener: EffectListener,
): Promise<Effect<Background>> {
  if (typeof HTMLCanvasElement.prototype.captureStream !== "function") {
    throw new EffectError("unsupported", "This browser can't make a video of a canvas.");
  }
  const life = new AbortController();
  const stop = () => life.abort();
  signal.addEventListener("abort", stop, { once: true });
  const video = playing(raw);
  life.signal.addEventListener("abort", () => {
    video.pause();
    video.srcObject = null;
  });
  try {
    const [segmenter] = await Promise.all([Segmenter.start(life.signal), unlessAborted(video.play(), life.signal)]);
    const compositor = new Compositor();
    let wished = wish;
    let behind = await backdrop(wish);
    const picture = async () => {
      const began = performance.now();
      if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) {
        await segmenter.sleep(LOOK_MS);
        return false;
      }
      const size = compositor.hold(video);
      const { width, height } = modelSize(size);
      const image = await createImageBitmap(compositor.frame, {
        resizeWidth: width,
        resizeHeight: height,
        resizeQuality: "medium",
      });
      const wanted = behind;
      const found = await segmenter.segment(image, wanted === null ? blurSize(size) : null);
      const shown = wanted ?? found.small;
      if (shown !== null) compositor.show(found.mask, shown);
      await segmenter.sleep(pause(began, performance.now(), RATE));
      return true;
    };
    while (!(await picture()));
    const [track] = compositor.canvas.captureStream().getVideoTracks();
    if (track === undefined) throw new EffectError("failed", "The canvas gives no video.");
    track.contentHint = raw.contentHint;
    const goOn = async () => {
      while (!life.signal.aborted) await picture();
    };
    goOn().catch((reason: unknown) => life.signal.aborted || listener.broke(reason));
    return {
      track,
      change: (next) => {
        if (next === wished) return;
        wished = next;
        void backdrop(next).then((image) => {
          if (next === wished) behind = image;
        });
      },
      stop: () => {
        stop();
        track.stop();
      },
    };
  } catch (reason) {
    stop();
    throw reason;
  }
}

/** The picture behind; null is the camera's own, blurred, which is also better than the room where a picture doesn't come. */
async function backdrop(wish: Background): Promise<HTMLImageElement | null> {
  if (wish === "blur") return null;
  try {
    return await loadImage(wish);
  } catch (reason) {
    console.warn(`The background ${wish} can't be loaded:`, reason);
    return null;
  }
}

function playing(raw: MediaStreamTrack): HTMLVideoElement {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([raw]);
  return video;
}
