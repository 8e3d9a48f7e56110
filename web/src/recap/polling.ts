/** How often the page asks again, and what has changed since. */

import type { Recap, RecapStage } from "../protocol.generated";

/** While something is being made. */
export const ASK_MS = 1_500;

const moves = (stage: Pick<RecapStage, "state">) => stage.state === "waiting" || stage.state === "running";

/** Milliseconds until the next question; false when nothing more will come. */
export function askAgain(recap: Recap | undefined): number | false {
  if (recap === undefined) return false;
  if (recap.state === "recording" || recap.state === "working") return ASK_MS;
  // A film and clips are made on demand, long after everything else.
  const film = recap.stages.some((stage) => stage.stage === "film" && moves(stage));
  return film || recap.moments.some(({ clip }) => clip !== null && moves(clip)) ? ASK_MS : false;
}

/** Stages that came to an end between two answers. */
export function endedStages(before: Recap, after: Recap): RecapStage[] {
  return after.stages.filter((stage) => {
    const was = before.stages.find((one) => one.stage === stage.stage);
    return was !== undefined && moves(was) && (stage.state === "done" || stage.state === "failed");
  });
}

/** How far it is in all, 0 to 1: every stage counts alike. */
export function overall(stages: readonly RecapStage[]): number {
  if (stages.length === 0) return 0;
  const done = stages.map((stage) => (moves(stage) ? Math.min(1, Math.max(0, stage.progress)) : 1));
  return done.reduce((sum, one) => sum + one, 0) / stages.length;
}
