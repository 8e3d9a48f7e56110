import { useEffect, useRef } from "react";

import style from "./tile.module.css";

/** A track as a picture. `source` tells a camera from a screen. */
export function Video({
  track,
  mirrored = false,
  whole = false,
  label,
  source,
}: {
  track: MediaStreamTrack;
  mirrored?: boolean;
  /** Show all of it, with borders, instead of filling the place. */
  whole?: boolean;
  label?: string;
  source?: "camera" | "screen";
}) {
  const video = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = new MediaStream([track]);
    void element.play().catch(() => undefined); // muted video may always play; a newer track interrupts an older one's start
    return () => {
      element.srcObject = null;
    };
  }, [track]);

  return (
    <video
      ref={video}
      className={`${style.video} ${mirrored ? style.mirrored : ""} ${whole ? style.whole : ""}`}
      aria-label={label}
      aria-hidden={label === undefined}
      data-source={source}
      autoPlay
      playsInline
      muted
    />
  );
}
