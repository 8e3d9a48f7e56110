/** How the effects fare, for whoever shows it: one state for each, told by the device that is open. */

/** Why an effect isn't there, although it is wanted. */
export type EffectProblem = "unsupported" | "no-webgl" | "failed";
export type EffectState = "off" | "starting" | "on" | EffectProblem;
export type EffectName = "noiseFilter" | "background";
export type EffectStatus = Readonly<Record<EffectName, EffectState>>;

/** An effect that can't begin, or ended by itself. The message is for the console. */
export class EffectError extends Error {
  constructor(
    readonly problem: EffectProblem,
    message: string,
  ) {
    super(message);
    this.name = "EffectError";
  }
}

export function isProblem(state: EffectState): state is EffectProblem {
  return state === "unsupported" || state === "no-webgl" || state === "failed";
}

const listeners = new Set<() => void>();
let status: EffectStatus = { noiseFilter: "off", background: "off" };

/** The same object until something changes. */
export function effectStatus(): EffectStatus {
  return status;
}

export function tellEffect(name: EffectName, state: EffectState): void {
  if (status[name] === state) return;
  status = { ...status, [name]: state };
  for (const listener of [...listeners]) listener();
}

/** Calls after every change; returns how to stop that. */
export function onEffectStatus(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
