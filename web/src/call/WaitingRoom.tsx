import { useEffect } from "react";

import { useTexts } from "../i18n/text";
import type { Phase } from "../meeting/state";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { useNotices } from "../ui/notices";
import { useMeeting } from "./context";
import style from "./door.module.css";

/** The guest waits, or the server is being asked. */
export function WaitingRoom({ phase }: { phase: Extract<Phase, { kind: "connecting" | "waiting" }> }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const { announce } = useNotices();
  const waiting = phase.kind === "waiting";
  const title = t(!waiting ? "waiting.connecting" : phase.hostPresent ? "waiting.title" : "waiting.no-host");

  useEffect(() => {
    if (waiting) announce(title);
  }, [waiting, title, announce]);

  return (
    <div className={style.notice}>
      <span className={style.dots} aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <h1>{title}</h1>
      {waiting && (
        <>
          <p className={style.lead}>{t("waiting.detail", { title: phase.title })}</p>
          {phase.recording && (
            <p className={style.recorded}>
              <Icon name="record" size={16} /> {t("waiting.recorded")}
            </p>
          )}
          <Button onClick={() => void meeting.withdraw().catch(() => meeting.leave())}>{t("waiting.withdraw")}</Button>
        </>
      )}
    </div>
  );
}
