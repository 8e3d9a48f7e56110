/** Sizes and moments of the picture with a background. Pure. */

export interface Size {
  width: number;
  height: number;
}

/** The model sees no more than this many pixels across. */
const MODEL_PIXELS = 256;
/** Blurring needs few pixels: this many across the longer side. */
const BLUR_PIXELS = 128;

/** Scaled down to at most `longest` along its longer side; whole pixels, at least one. */
export function shrink({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** What the model is given of a picture of that size. */
export function modelSize(size: Size): Size {
  return shrink(size, MODEL_PIXELS);
}

/** What is blurred of a picture of that size. */
export function blurSize(size: Size): Size {
  return shrink(size, BLUR_PIXELS);
}

/** The largest part of `picture`, from its middle, with the shape of `frame`. */
export function cover(picture: Size, frame: Size): { x: number; y: number } & Size {
  const scale = Math.min(picture.width / frame.width, picture.height / frame.height);
  const [width, height] = [frame.width * scale, frame.height * scale];
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}

/** How long to wait, in ms, before the next frame begins, so that there are at most `rate` in a second. */
export function pause(beganMs: number, nowMs: number, rate: number): number {
  return Math.max(0, Math.ceil(beganMs + 1000 / rate - nowMs));
}
