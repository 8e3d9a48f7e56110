/** Where the pictures to stand in front of are; each is a drawing of a few kilobytes, loaded when it is seen or used. */

import type { Image as ImageName } from "./choices";
import hills from "./images/hills.svg";
import shelf from "./images/shelf.svg";
import waves from "./images/waves.svg";
import window from "./images/window.svg";

export const IMAGE_URLS: Readonly<Record<ImageName, string>> = { shelf, window, hills, waves };

/** Rejects where it doesn't come. */
export async function loadImage(name: ImageName): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = IMAGE_URLS[name];
  await image.decode();
  return image;
}
