/** What it was about, what was decided, and the chapters. */

import type { ReactNode } from "react";

import { useRecapTexts } from "../i18n/recap";
import { Item } from "./Item";
import { Jump } from "./Jump";
import { useRecapView } from "./context";
import { useAtPlayhead } from "./playhead";
import style from "./recap.module.css";

/** A part of the recap under its heading. */
export function Part({ title, badge, children }: { title: string; badge?: ReactNode; children: ReactNode }) {
  return (
    <section className={style.part}>
      <h2>
        {title}
        {badge}
      </h2>
      {children}
    </section>
  );
}

/** Whether the summary is there, so that "none were found" is true. */
export function useSummarised(): boolean {
  const { recap } = useRecapView();
  return recap.stages.some((one) => one.stage === "summary" && one.state === "done");
}

export function Overview() {
  const { t } = useRecapTexts();
  const { recap } = useRecapView();
  const summarised = useSummarised();
  return (
    <Part title={t("summary")}>
      {recap.overview.length === 0 && <p className="soft">{t(summarised ? "summary.empty" : "summary.none")}</p>}
      <ul className={style.items}>
        {recap.overview.map((one) => (
          <Item key={one.item} item={one} />
        ))}
      </ul>
    </Part>
  );
}

export function Decisions() {
  const { t } = useRecapTexts();
  const { recap } = useRecapView();
  const summarised = useSummarised();
  if (!summarised && recap.decisions.length === 0) return null;
  return (
    <Part title={t("decisions")}>
      {recap.decisions.length === 0 && <p className="soft">{t("decisions.none")}</p>}
      <ul className={style.items}>
        {recap.decisions.map((one) => (
          <Item key={one.item} item={one} />
        ))}
      </ul>
    </Part>
  );
}

export function Topics() {
  const { t } = useRecapTexts();
  const { recap, playhead } = useRecapView();
  const current = useAtPlayhead(playhead, (second) =>
    second === null ? null : (recap.topics.find((one) => second >= one.start && second < one.end)?.item ?? null),
  );
  if (recap.topics.length === 0) return null;
  return (
    <Part title={t("topics")}>
      <ol className={style.topics}>
        {recap.topics.map((topic) => (
          <li key={topic.item} aria-current={topic.item === current || undefined}>
            <h3>
              {topic.title} <Jump at={topic.start} />
            </h3>
            <ul className={style.items}>
              {topic.lines.map((one) => (
                <Item key={one.item} item={one} />
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </Part>
  );
}
