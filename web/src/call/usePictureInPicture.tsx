/**
 * Picture in picture: a small window over everything else with the main picture and the most needed controls, where the
 * browser has Document Picture-in-Picture; else the main video alone, with the browser's own.
 */

import { type ReactNode, useCallback, useEffect, useState } from "react";
import { createPortal } from "react-dom";

/** https://wicg.github.io/document-picture-in-picture/ */
interface DocumentPictureInPicture {
  requestWindow: (options: { width: number; height: number }) => Promise<Window>;
}

function documentPictureInPicture(): DocumentPictureInPicture | undefined {
  return (window as { documentPictureInPicture?: DocumentPictureInPicture }).documentPictureInPicture;
}

export interface PictureInPicture {
  available: boolean;
  /** The small window's content is drawn here, while it is open. */
  portal: (content: ReactNode) => ReactNode;
  toggle: () => Promise<void>;
}

export function usePictureInPicture(): PictureInPicture {
  const [small, setSmall] = useState<Window | null>(null);

  useEffect(() => () => small?.close(), [small]);

  const toggle = useCallback(async () => {
    if (small !== null) {
      small.close();
      return;
    }
    const documents = documentPictureInPicture();
    if (documents === undefined) {
      await toggleVideo();
      return;
    }
    const opened = await documents.requestWindow({ width: 360, height: 260 });
    copyStyles(opened);
    opened.addEventListener("pagehide", () => setSmall(null));
    setSmall(opened);
  }, [small]);

  return {
    available: documentPictureInPicture() !== undefined || document.pictureInPictureEnabled,
    portal: (content) => (small === null ? null : createPortal(content, small.document.body)),
    toggle,
  };
}

async function toggleVideo(): Promise<void> {
  if (document.pictureInPictureElement !== null) {
    await document.exitPictureInPicture();
    return;
  }
  const videos = [...document.querySelectorAll<HTMLVideoElement>('[data-testid="tile"] video')];
  const largest = videos.sort((a, b) => b.clientWidth - a.clientWidth)[0];
  await largest?.requestPictureInPicture();
}

function copyStyles(target: Window): void {
  target.document.documentElement.lang = document.documentElement.lang;
  target.document.documentElement.dir = document.documentElement.dir;
  Object.assign(target.document.documentElement.dataset, document.documentElement.dataset);
  target.document.title = document.title;
  for (const link of document.querySelectorAll('link[rel="stylesheet"], style')) {
    target.document.head.append(link.cloneNode(true));
  }
}
