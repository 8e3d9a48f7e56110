/** How long each person spoke. */

import { asTime } from "../call/clock";
import { useRecapTexts } from "../i18n/recap";
import { Part } from "./Summary";
import { useRecapView } from "./context";
import style from "./recap.module.css";

export function TalkTime() {
  const { t } = useRecapTexts();
  const { recap } = useRecapView();
  const all = recap.people.reduce((sum, one) => sum + one.talk_seconds, 0);
  if (all === 0) return null;
  const people = [...recap.people].sort((a, b) => b.talk_seconds - a.talk_seconds);
  const most = people[0]?.talk_seconds ?? 1;
  return (
    <Part title={t("talk")}>
      <ul className={style.talk}>
        {people.map((one) => (
          <li key={one.person}>
            <span className={style.talkName}>
              {one.name}
              {one.is_guest && <span className="soft"> {t("guests")}</span>}
            </span>
            <span className={style.talkFigures}>
              {asTime(one.talk_seconds)} · {t("progress.percent", { percent: Math.round((one.talk_seconds / all) * 100) })}
            </span>
            <span className={style.bar} aria-hidden="true">
              <span style={{ inlineSize: `${(one.talk_seconds / most) * 100}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}
