/** Who said what. It follows what is played until the reader scrolls; a click on a line plays from there. */

import { memo, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";

import { asTime } from "../call/clock";
import { useRecapTexts } from "../i18n/recap";
import type { RecapSegment } from "../protocol.generated";
import { Button, IconButton } from "../ui/Button";
import { useRecapView } from "./context";
import { isScrollKey, scrollFor } from "./follow";
import { lineAt } from "./lookup";
import { useAtPlayhead } from "./playhead";
import style from "./recap.module.css";
import { type Hit, cutAt, searchLines } from "./search";

export function Transcript() {
  const { t } = useRecapTexts();
  const { recap, transcript, segments, playhead, nameOf, jump } = useRecapView();
  const [speaker, setSpeaker] = useState("");
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const [following, setFollowing] = useState(true);
  const box = useRef<HTMLDivElement>(null);

  const lines = useMemo(
    () => (speaker === "" ? segments : segments.filter((one) => one.person === speaker)),
    [segments, speaker],
  );
  const wanted = useDeferredValue(query);
  const hits = useMemo(() => searchLines(lines, wanted), [lines, wanted]);
  const found = [...hits.keys()];
  const hit = found[chosen] ?? null;
  const current = useAtPlayhead(playhead, (second) => (second === null ? null : (lineAt(lines, second)?.segment ?? null)));

  useScroll(box, following ? current : null);
  useScroll(box, hit);
  useEffect(() => setChosen(0), [wanted, speaker]);

  const choose = (step: number) => {
    setFollowing(false);
    setChosen((before) => (before + step + found.length) % Math.max(1, found.length));
  };
  const transcribed = recap.stages.some((one) => one.stage === "transcript" && one.state === "done");

  return (
    <section className={style.transcript}>
      <header className={style.transcriptHead}>
        <h2>
          {t("transcript")}
          {transcript?.draft && <span className={style.draft}>{t("transcript.draft")}</span>}
        </h2>
        {!following && current !== null && (
          <Button small onClick={() => setFollowing(true)}>
            {t("transcript.follow")}
          </Button>
        )}
        <div className={style.filters}>
          <input
            type="search"
            value={query}
            placeholder={t("transcript.search")}
            aria-label={t("transcript.search")}
            onChange={(event) => {
              setQuery(event.target.value);
              setFollowing(false);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") choose(event.shiftKey ? -1 : 1);
            }}
          />
          <select value={speaker} aria-label={t("transcript.speaker")} onChange={(event) => setSpeaker(event.target.value)}>
            <option value="">{t("transcript.everyone")}</option>
            {recap.people.map((one) => (
              <option key={one.person} value={one.person}>
                {one.name}
              </option>
            ))}
          </select>
        </div>
        {wanted.trim() !== "" && (
          <div className={style.hits}>
            <span role="status">
              {found.length === 0 ? t("transcript.hits.none") : t("transcript.hit", { number: Math.min(chosen, found.length - 1) + 1, count: found.length })}
            </span>
            <IconButton small icon="previous" label={t("transcript.previous")} disabled={found.length < 2} onClick={() => choose(-1)} />
            <IconButton small icon="next" label={t("transcript.next")} disabled={found.length < 2} onClick={() => choose(1)} />
          </div>
        )}
        {transcript?.draft && <p className={style.draftDetail}>{t("transcript.draft.detail", { engine: transcript.engine })}</p>}
      </header>
      <div
        ref={box}
        className={style.lines}
        role="region"
        aria-label={t("transcript")}
        tabIndex={0}
        onWheel={() => setFollowing(false)}
        onTouchMove={() => setFollowing(false)}
        onPointerDown={(event) => event.target === box.current && setFollowing(false)}
        onKeyDown={(event) => event.target === box.current && isScrollKey(event.key) && setFollowing(false)}
      >
        {lines.length === 0 && <p className="soft">{t(transcribed ? "transcript.empty" : "transcript.none")}</p>}
        <ol>
          {lines.map((one, index) => (
            <Line
              key={one.segment}
              segment={one}
              name={lines[index - 1]?.person === one.person ? null : nameOf(one.person)}
              current={one.segment === current}
              hits={hits.get(one.segment)}
              chosen={one.segment === hit}
              play={() => {
                setFollowing(true);
                jump(one.start);
              }}
            />
          ))}
        </ol>
      </div>
    </section>
  );
}

/** Bring the line into good view whenever it is another one. */
function useScroll(box: React.RefObject<HTMLDivElement | null>, segment: string | null): void {
  useEffect(() => {
    const view = box.current;
    const line = segment === null ? null : view?.querySelector<HTMLElement>(`[data-segment="${CSS.escape(segment)}"]`);
    if (!view || !line) return;
    const top = line.getBoundingClientRect().top - view.getBoundingClientRect().top + view.scrollTop;
    const to = scrollFor({ top, height: line.offsetHeight }, { top: view.scrollTop, height: view.clientHeight });
    if (to !== null) view.scrollTo({ top: to, behavior: Math.abs(to - view.scrollTop) > view.clientHeight * 2 ? "instant" : "smooth" });
  }, [box, segment]);
}

interface LineProps {
  segment: RecapSegment;
  /** Null where the line before is the same person's. */
  name: string | null;
  current: boolean;
  hits: readonly Hit[] | undefined;
  chosen: boolean;
  play: () => void;
}

const sameLine = (a: LineProps, b: LineProps) =>
  a.segment === b.segment && a.name === b.name && a.current === b.current && a.hits === b.hits && a.chosen === b.chosen;

const Line = memo(function Line({ segment, name, current, hits, chosen, play }: LineProps) {
  const { t } = useRecapTexts();
  const gap = segment.state !== "text";
  const time = asTime(segment.start);
  return (
    <li
      data-segment={segment.segment}
      className={style.line}
      data-gap={gap || undefined}
      data-tentative={!segment.confirmed || undefined}
      aria-current={current || undefined}
      // A pointer's short cut: the time is the button.
      onClick={() => getSelection()?.isCollapsed !== false && play()}
    >
      {name !== null && <p className={style.who}>{name}</p>}
      <button
        type="button"
        className={style.jump}
        aria-label={t("transcript.jump", { time })}
        onClick={(event) => {
          event.stopPropagation();
          play();
        }}
      >
        {time}
      </button>
      <p className={style.words}>
        {gap ? (
          <>
            {t(segment.state === "other_language" ? "transcript.other_language" : "transcript.untranscribed")}
            {segment.reason && ` (${segment.reason})`}
          </>
        ) : hits === undefined ? (
          segment.text
        ) : (
          cutAt(segment.text, hits).map((piece, index) =>
            piece.hit ? (
              <mark key={index} data-chosen={chosen || undefined}>
                {piece.text}
              </mark>
            ) : (
              piece.text
            ),
          )
        )}
        {!segment.confirmed && <span className="visually-hidden"> ({t("transcript.tentative")})</span>}
      </p>
    </li>
  );
}, sameLine);
