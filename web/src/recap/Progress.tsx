/** How far each stage is. Open while something moves or has failed, folded away once all is there. */

import { useRecapTexts } from "../i18n/recap";
import type { Recap, RecapStage } from "../protocol.generated";
import { Icon } from "../ui/Icon";
import { overall } from "./polling";
import style from "./recap.module.css";

export function Progress({ recap }: { recap: Recap }) {
  const { t } = useRecapTexts();
  const shown = recap.stages.filter((one) => one.state !== "skipped" || one.note !== "");
  const moving = recap.stages.some((one) => one.state === "waiting" || one.state === "running");
  const failed = recap.stages.some((one) => one.state === "failed");
  if (recap.state === "recording" || moving || failed) {
    return (
      <section className={style.progress}>
        <div className={style.progressHead}>
          <h2>{t("progress")}</h2>
          {moving && <span className="soft">{t("progress.percent", { percent: Math.round(overall(recap.stages) * 100) })}</span>}
        </div>
        <Stages recap={recap} stages={shown} />
      </section>
    );
  }
  return (
    <details className={style.made}>
      <summary>{t("progress.how")}</summary>
      <Stages recap={recap} stages={shown} />
    </details>
  );
}

function Stages({ recap, stages }: { recap: Recap; stages: readonly RecapStage[] }) {
  const { t, word } = useRecapTexts();
  return (
    <ul className={style.stages}>
      {stages.map((stage) => {
        const name = word("stage", stage.stage);
        const engine = recap.engines[stage.stage];
        return (
          <li key={stage.stage} data-state={stage.state}>
            <span className={style.stageName}>
              <StageSign state={stage.state} />
              {name}
            </span>
            <span className={style.stageState}>
              {stage.state === "running" && stage.progress > 0
                ? t("progress.percent", { percent: Math.round(stage.progress * 100) })
                : word("stage-state", stage.state)}
            </span>
            {stage.state === "running" && (
              <progress max={1} value={stage.progress > 0 ? stage.progress : undefined} aria-label={name} />
            )}
            {(stage.note || engine) && (
              <span className={style.stageNote}>
                {[stage.note, engine && t("stage.engine", { engine })].filter(Boolean).join(" · ")}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function StageSign({ state }: { state: RecapStage["state"] }) {
  const icon = state === "done" ? "check" : state === "failed" ? "warning" : state === "skipped" ? "minus" : "clock";
  return <Icon name={icon} size={16} />;
}
