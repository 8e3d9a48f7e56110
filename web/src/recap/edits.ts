/** A change as it is shown before the server has answered. The rules are the server's; here they are only foreseen. */

import type { EditRecap, Recap, RecapAction, RecapLine } from "../protocol.generated";

export function applyEdit(recap: Recap, edit: EditRecap): Recap {
  const line = <Item extends RecapLine>(items: readonly Item[]) => lines(items, edit);
  return {
    ...recap,
    overview: line(recap.overview),
    decisions: line(recap.decisions),
    topics: recap.topics.map((topic) => ({ ...topic, lines: line(topic.lines) })),
    actions: lines(recap.actions, edit).map((one) => (one.item === edit.item ? action(recap, one, edit) : one)),
  };
}

function lines<Item extends RecapLine>(items: readonly Item[], edit: EditRecap): Item[] {
  if (edit.field === "deleted") return items.filter((one) => one.item !== edit.item || edit.value !== true);
  if (edit.field !== "text" || typeof edit.value !== "string") return [...items];
  const text = edit.value;
  return items.map((one) => (one.item === edit.item ? { ...one, text, edited: true } : one));
}

function action(recap: Recap, before: RecapAction, { field, value }: EditRecap): RecapAction {
  const words = typeof value === "string" ? value : null;
  switch (field) {
    case "done":
      return { ...before, done: value === true };
    case "due":
      return { ...before, due: words, edited: true };
    case "owner":
      return {
        ...before,
        owner: words,
        owner_name: recap.people.find((one) => one.person === words)?.name ?? null,
        edited: true,
      };
    default:
      return before;
  }
}
