/** Lays a person, cut out with a soft edge and as sharp as the camera gave them, over another background. */

import { type Picture, blurBehind } from "./blur";
import { type Size, cover } from "./geometry";
import { type Mask, calm, cutOut, soften } from "./mask";
import { EffectError } from "./status";

/** Of the small picture that is blurred; on a picture 1280 pixels wide this is 40. */
const BLUR_RADIUS = 4;

export class Compositor {
  /** What comes out. */
  readonly canvas = document.createElement("canvas");
  /** The camera's picture that is worked on: mask and picture belong to the same moment. */
  readonly frame = document.createElement("canvas");
  private readonly out = contextOf(this.canvas);
  private readonly held = contextOf(this.frame);
  private readonly cut = contextOf(document.createElement("canvas"));
  private readonly blurred = contextOf(document.createElement("canvas"));
  private readonly backdrop = contextOf(document.createElement("canvas"));
  private backdropOf: HTMLImageElement | null = null;
  private before: Mask | null = null;

  /** Keep the camera's picture of this moment. */
  hold(video: HTMLVideoElement): Size {
    const size = { width: video.videoWidth, height: video.videoHeight };
    resize(this.frame, size);
    this.held.drawImage(video, 0, 0);
    return size;
  }

  /** Show the held picture, its background replaced by the image, or by its own small copy blurred. */
  show(mask: Mask, background: HTMLImageElement | Picture): void {
    const { width, height } = this.frame;
    resize(this.canvas, { width, height });
    const calmed = calm(soften(mask), this.before);
    this.before = calmed;
    resize(this.cut.canvas, calmed);
    this.cut.putImageData(new ImageData(cutOut(calmed), calmed.width, calmed.height), 0, 0);
    const { out } = this;
    out.imageSmoothingQuality = "high";
    out.globalCompositeOperation = "copy";
    out.drawImage(this.cut.canvas, 0, 0, width, height);
    out.globalCompositeOperation = "source-in";
    out.drawImage(this.frame, 0, 0);
    out.globalCompositeOperation = "destination-over";
    const behind = background instanceof HTMLImageElement ? this.image(background) : this.blur(background, calmed);
    out.drawImage(behind, 0, 0, width, height);
  }

  private blur(small: Picture, mask: Mask): HTMLCanvasElement {
    const { width, height, pixels } = blurBehind(small, mask, BLUR_RADIUS);
    resize(this.blurred.canvas, { width, height });
    this.blurred.putImageData(new ImageData(pixels, width, height), 0, 0);
    return this.blurred.canvas;
  }

  /** Drawn once for each size: drawing a vector image takes long. */
  private image(image: HTMLImageElement): HTMLCanvasElement {
    const { canvas } = this.backdrop;
    const resized = resize(canvas, this.frame);
    if (!resized && this.backdropOf === image) return canvas;
    const part = cover({ width: image.naturalWidth, height: image.naturalHeight }, canvas);
    this.backdrop.drawImage(image, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
    this.backdropOf = image;
    return canvas;
  }
}

/** Whether that was another size. A canvas that is given its own size again would be cleared. */
function resize(canvas: HTMLCanvasElement, { width, height }: Size): boolean {
  if (canvas.width === width && canvas.height === height) return false;
  canvas.width = width;
  canvas.height = height;
  return true;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context === null) throw new EffectError("unsupported", "This browser has no canvas.");
  return context;
}
