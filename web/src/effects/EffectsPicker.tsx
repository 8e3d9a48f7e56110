/** Noise filter and background of one's own, before and in a meeting. What is chosen is kept, and open devices follow at once. */

import { useId, useSyncExternalStore } from "react";

import { useTexts } from "../i18n/text";
import { CheckField } from "../ui/Field";
import { Icon } from "../ui/Icon";
import { BACKGROUNDS, type EffectChoices, chooseEffects, effectChoices, onEffectChoices } from "./choices";
import style from "./effects.module.css";
import { IMAGE_URLS } from "./images";
import { effectStatus, onEffectStatus } from "./status";
import { useEffectTroubles } from "./troubles";

/** `folded`: only what goes wrong is shown until somebody opens it. */
export function EffectsPicker({ folded = false }: { folded?: boolean }) {
  const { t } = useTexts();
  const choices = useSyncExternalStore(onEffectChoices, effectChoices);
  const troubles = useEffectTroubles();
  const fields = (
    <div className={style.effects}>
      <CheckField
        checked={choices.noiseFilter}
        onChange={(event) => chooseEffects({ noiseFilter: event.target.checked })}
      >
        {t("effects.noise")}
      </CheckField>
      <BackgroundPicker chosen={choices.background} />
    </div>
  );
  return (
    <section className={style.section} aria-label={t("effects.title")}>
      {folded ? (
        <details className={style.folded}>
          <summary>{t("effects.title")}</summary>
          {fields}
        </details>
      ) : (
        fields
      )}
      {troubles.map((text) => (
        <p key={text} className={style.trouble} role="alert">
          <Icon name="warning" /> {text}
        </p>
      ))}
    </section>
  );
}

type Choice = EffectChoices["background"];

function BackgroundPicker({ chosen }: { chosen: Choice }) {
  const { t } = useTexts();
  const { background } = useSyncExternalStore(onEffectStatus, effectStatus);
  const name = useId();
  return (
    <fieldset className={style.backgrounds}>
      <legend>{t("effects.background")}</legend>
      <div className={style.choices}>
        {BACKGROUNDS.map((one) => (
          <label key={one} className={style.choice}>
            <input
              type="radio"
              name={name}
              value={one}
              checked={one === chosen}
              onChange={() => chooseEffects({ background: one })}
            />
            <Thumb of={one} />
            <span className={style.name}>{t(`effects.background.${one}`)}</span>
          </label>
        ))}
      </div>
      <p className={style.state} role="status">
        {chosen !== "off" && background === "starting" && t("effects.background.starting")}
      </p>
    </fieldset>
  );
}

/** Somebody in front of that background. */
function Thumb({ of }: { of: Choice }) {
  return (
    <span className={style.thumb} data-background={of} aria-hidden="true">
      {of !== "off" && of !== "blur" && <img src={IMAGE_URLS[of]} alt="" width={128} height={72} loading="lazy" draggable={false} />}
      <svg viewBox="0 0 128 72" focusable="false">
        <path d="M64 16a14 15 0 0 1 0 30a14 15 0 0 1 0-30ZM30 72c1-17 15-23 34-23s33 6 34 23Z" />
      </svg>
    </span>
  );
}
