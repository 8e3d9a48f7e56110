/** A time in the recording that plays from there. */

import { asTime } from "../call/clock";
import { useRecapTexts } from "../i18n/recap";
import { useRecapView } from "./context";
import style from "./recap.module.css";

export function Jump({ at }: { at: number }) {
  const { t } = useRecapTexts();
  const { jump } = useRecapView();
  const time = asTime(at);
  return (
    <button type="button" className={style.jump} aria-label={t("transcript.jump", { time })} onClick={() => jump(at)}>
      {time}
    </button>
  );
}
