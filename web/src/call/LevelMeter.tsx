import { useEffect, useRef } from "react";

import { useTexts } from "../i18n/text";
import { watchLevel } from "../meeting/devices";
import style from "./door.module.css";

/** How loud the microphone is, as a bar. It moves without rendering. */
export function LevelMeter({ track }: { track: MediaStreamTrack | null }) {
  const { t } = useTexts();
  const meter = useRef<HTMLMeterElement>(null);
  const bar = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const show = (level: number) => {
      bar.current?.style.setProperty("scale", `${level} 1`);
      if (meter.current) meter.current.value = level;
    };
    show(0);
    return track === null ? undefined : watchLevel(track, show);
  }, [track]);

  return (
    <div className={style.meter}>
      <meter ref={meter} className="visually-hidden" min={0} max={1} aria-label={t("prejoin.level")} />
      <div ref={bar} className={style.meterBar} />
    </div>
  );
}
