/** Which effects somebody wants for their own sound and picture, remembered in this browser, and who wants to know of changes. */

import { recall, remember } from "../ui/storage";

/** Pictures to stand in front of, drawn by us; each is a file in images/. */
export const IMAGES = ["shelf", "window", "hills", "waves"] as const;
export type Image = (typeof IMAGES)[number];

/** What is seen behind the person. */
export type Background = "blur" | Image;
export const BACKGROUNDS = ["off", "blur", ...IMAGES] as const;

export interface EffectChoices {
  noiseFilter: boolean;
  background: Background | "off";
}

const KEY = "parley.effects";
const FIRST: EffectChoices = { noiseFilter: true, background: "off" };

const listeners = new Set<() => void>();
let current: EffectChoices | null = null;

/** What was kept, where it is ours; else the first choices. */
export function parseChoices(kept: string | null): EffectChoices {
  let found: unknown = null;
  try {
    found = JSON.parse(kept ?? "null");
  } catch {
    // Somebody else's.
  }
  if (typeof found !== "object" || found === null) return FIRST;
  const { noiseFilter, background } = found as Record<string, unknown>;
  return {
    noiseFilter: noiseFilter !== false,
    background: BACKGROUNDS.find((one) => one === background) ?? "off",
  };
}

/** The choices as they are; the same object until they change. */
export function effectChoices(): EffectChoices {
  current ??= parseChoices(recall(KEY));
  return current;
}

/** Changes a part. Devices that are open follow at once, those opened later from the start. */
export function chooseEffects(part: Partial<EffectChoices>): void {
  current = { ...effectChoices(), ...part };
  remember(KEY, JSON.stringify(current));
  for (const listener of [...listeners]) listener();
}

/** Calls after every change; returns how to stop that. */
export function onEffectChoices(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
