/** How long the meeting lasts, when it ends, and the countdown that somebody started. */

import { useEffect, useRef } from "react";

import { useTexts } from "../i18n/text";
import { useNotices } from "../ui/notices";
import style from "./call.module.css";
import { asTime, useNow } from "./clock";
import { useSnapshot } from "./context";

export function Clock() {
  const { t, language } = useTexts();
  const { show } = useNotices();
  const { meeting } = useSnapshot();
  const now = useNow();
  const timer = meeting?.timer ?? null;
  const over = timer !== null && now >= timer.ends_at;
  const told = useRef<number | null>(null);

  useEffect(() => {
    if (timer === null || !over || told.current === timer.ends_at) return;
    told.current = timer.ends_at;
    if (now - timer.ends_at < 5) show(t("timer.over")); // not to those who come later
  }, [timer, over, now, show, t]);

  if (meeting === null) return null;
  const elapsed = asTime(now - meeting.started_at);
  const end = meeting.scheduled_end;
  return (
    <span className={style.clock}>
      {timer !== null && (
        <span className={over ? style.timeUp : style.timer} role="timer">
          {over ? t("timer.over") : t("timer.left", { time: asTime(timer.ends_at - now) })}
        </span>
      )}
      <span title={t("clock.elapsed", { time: elapsed })}>{elapsed}</span>
      {end !== null && (
        <span>
          {t("clock.ends", {
            time: new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(end * 1000),
          })}
        </span>
      )}
    </span>
  );
}
