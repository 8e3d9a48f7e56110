/** The film of highlights, with the browser's own controls and its chapters below. */

import { useRef } from "react";

import { asTime } from "../call/clock";
import { useRecapTexts } from "../i18n/recap";
import type { RecapFilm } from "../protocol.generated";
import { useRecapView } from "./context";
import { recordingSecond } from "./lookup";
import style from "./recap.module.css";
import { useMediaAddress } from "./useMediaAddress";
import { useRelease } from "./useRelease";

export function Reel({ reel }: { reel: RecapFilm }) {
  const { t } = useRecapTexts();
  const { links, playhead } = useRecapView();
  const video = useRef<HTMLVideoElement>(null);
  const resume = useRef(0);
  const { address, failed, onError } = useMediaAddress(reel.file);

  useRelease(video, address);
  const play = (second: number) => {
    const element = video.current;
    if (element === null) return;
    element.currentTime = second;
    element.play().catch(() => undefined); // the browser's own to refuse; its controls are there
  };
  return (
    <>
      <video
        ref={video}
        className={style.reel}
        src={address}
        poster={links[reel.poster]}
        controls
        playsInline
        preload="metadata"
        aria-label={t("player.reel")}
        onError={onError}
        onLoadedMetadata={(event) => {
          if (resume.current > 0) event.currentTarget.currentTime = resume.current;
        }}
        onTimeUpdate={(event) => {
          resume.current = event.currentTarget.currentTime;
          playhead.set(recordingSecond(reel.chapters, resume.current));
        }}
      />
      {failed && (
        <p className="error" role="alert">
          {t("player.problem", { names: t("player.reel") })}
        </p>
      )}
      <ol className={style.reelChapters}>
        {reel.chapters.map((one, index) => (
          <li key={index}>
            <button type="button" onClick={() => play(one.start)}>
              <span className={style.time}>{asTime(one.start)}</span> {one.title}
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}
