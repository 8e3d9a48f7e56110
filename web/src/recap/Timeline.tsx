/** The seek bar: chapters as its parts, what happened as marks above it, what was not recorded as gaps. */

import { asTime } from "../call/clock";
import { useRecapTexts } from "../i18n/recap";
import { markWords } from "./Marks";
import { useRecapView } from "./context";
import style from "./recap.module.css";

/** Coming and going is listed, not drawn. */
const DRAWN = new Set(["hand", "reaction", "gesture", "screen"]);

export function Timeline({ position, seek }: { position: number; seek: (second: number) => void }) {
  const texts = useRecapTexts();
  const { recap, nameOf } = useRecapView();
  const { t } = texts;
  const length = Math.max(recap.duration, 0.001);
  const share = (second: number) => `${Math.min(100, Math.max(0, (second / length) * 100))}%`;
  const chapter = recap.topics.find((one) => position >= one.start && position < one.end);
  const times = { time: asTime(position), length: asTime(recap.duration) };

  return (
    <div className={style.timeline}>
      <div className={style.marks} aria-hidden="true">
        {recap.marks
          .filter((one) => DRAWN.has(one.kind))
          .map((one, index) => (
            <span
              key={index}
              data-kind={one.kind}
              title={`${asTime(one.at)} ${markWords(one, texts, nameOf(one.person)) ?? ""}`}
              style={{
                insetInlineStart: share(one.at),
                inlineSize: one.kind === "screen" && one.end !== null ? share(one.end - one.at) : undefined,
              }}
              onClick={() => seek(one.at)}
            />
          ))}
      </div>
      <div className={style.track} aria-hidden="true">
        <span className={style.played} style={{ inlineSize: share(position) }} />
        {recap.marks.map((one, index) =>
          one.kind === "pause" && one.end !== null ? (
            <span
              key={index}
              className={style.gap}
              title={t("mark.pause")}
              style={{ insetInlineStart: share(one.at), inlineSize: share(one.end - one.at) }}
            />
          ) : null,
        )}
        {recap.topics.slice(1).map((one) => (
          <span key={one.item} className={style.chapterMark} title={one.title} style={{ insetInlineStart: share(one.start) }} />
        ))}
      </div>
      <input
        type="range"
        className={style.seek}
        min={0}
        max={length}
        step={0.1}
        value={position}
        aria-label={t("player.seek")}
        aria-valuetext={chapter ? t("player.at.chapter", { ...times, chapter: chapter.title }) : t("player.at", times)}
        onChange={(event) => seek(Number(event.target.value))}
      />
      {chapter && <p className={style.chapterName}>{chapter.title}</p>}
    </div>
  );
}
