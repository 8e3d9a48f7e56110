/** What is wanted of effects and doesn't work, in words. */

import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";

import type { TextKey } from "../i18n/catalogue";
import { useTexts } from "../i18n/text";
import { useNotices } from "../ui/notices";
import { type EffectChoices, effectChoices, onEffectChoices } from "./choices";
import { type EffectStatus, effectStatus, isProblem, onEffectStatus } from "./status";

/** Keys of the words. An effect that isn't wanted has no trouble. */
export function troublesOf(choices: EffectChoices, { noiseFilter, background }: EffectStatus): TextKey[] {
  const found: TextKey[] = [];
  if (choices.noiseFilter && isProblem(noiseFilter)) {
    found.push(noiseFilter === "unsupported" ? "effects.noise.unsupported" : "effects.noise.failed");
  }
  if (choices.background !== "off" && isProblem(background)) found.push(`effects.background.${background}`);
  return found;
}

export function useEffectTroubles(): readonly string[] {
  const { t } = useTexts();
  const choices = useSyncExternalStore(onEffectChoices, effectChoices);
  const status = useSyncExternalStore(onEffectStatus, effectStatus);
  return useMemo(() => troublesOf(choices, status).map((key) => t(key)), [choices, status, t]);
}

/** Shows what begins to go wrong during a meeting, where no picker may be in sight. */
export function useEffectNotices(): void {
  const { show } = useNotices();
  const troubles = useEffectTroubles();
  const before = useRef(troubles);
  useEffect(() => {
    for (const text of troubles) if (!before.current.includes(text)) show(text);
    before.current = troubles;
  }, [troubles, show]);
}
