/** The reel, or the full recording: one at a time, and one place for it. */

import { useEffect, useRef, useState } from "react";

import { useRecapTexts } from "../i18n/recap";
import { FullPlayer } from "./FullPlayer";
import { Reel } from "./Reel";
import { useRecapView } from "./context";
import style from "./recap.module.css";

type Mode = "reel" | "full";

/** jump: a new object for each wish to play the recording from a second. */
export function Player({ jump }: { jump: { second: number } | null }) {
  const { t } = useRecapTexts();
  const { recap } = useRecapView();
  const [wanted, setWanted] = useState<Mode | null>(null);
  const frame = useRef<HTMLElement>(null);
  const modes: Mode[] = [...(recap.reel ? (["reel"] as const) : []), ...(recap.tracks.length > 0 ? (["full"] as const) : [])];
  const mode = wanted !== null && modes.includes(wanted) ? wanted : (modes[0] ?? null);

  // Which second is meant, only the full recording knows.
  useEffect(() => {
    if (jump === null) return;
    setWanted("full");
    frame.current?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }, [jump]);

  return (
    <section ref={frame} className={style.player} aria-label={t("player")}>
      {modes.length > 1 && (
        <div className={style.modes} role="group" aria-label={t("player")}>
          {modes.map((one) => (
            <button key={one} type="button" aria-pressed={mode === one} onClick={() => setWanted(one)}>
              {t(`player.${one}`)}
            </button>
          ))}
        </div>
      )}
      {mode === null && (
        <p className={style.nothing}>{t(recap.state === "ready" || recap.state === "failed" ? "player.nothing" : "player.none")}</p>
      )}
      {mode === "reel" && recap.reel !== null && <Reel reel={recap.reel} />}
      {mode === "full" && <FullPlayer jump={jump} />}
    </section>
  );
}
