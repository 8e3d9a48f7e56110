/** The recap as text to paste elsewhere: plain, or Markdown in which what people said stays what they said. */

import { asTime } from "../call/clock";
import type { Recap, RecapLine } from "../protocol.generated";

/** The words between the parts, in the reader's language. */
export interface TextWords {
  overview: string;
  decisions: string;
  actions: string;
  unassigned: string;
  due: (date: string) => string;
}

type Form = "plain" | "markdown";

export function asText(recap: Recap, form: Form, words: TextWords): string {
  const clean = (text: string) => (form === "markdown" ? escaped(text) : text);
  const head = (level: number, text: string) => (form === "markdown" ? `${"#".repeat(level)} ${clean(text)}` : clean(text));
  const line = (one: RecapLine) => `- ${clean(one.text)} (${asTime(one.at)})`;
  const parts: string[][] = [[head(1, recap.title)]];
  const part = (title: string, lines: readonly string[], level = 2) => {
    if (lines.length > 0) parts.push([head(level, title), ...lines]);
  };
  part(words.overview, recap.overview.map(line));
  part(words.decisions, recap.decisions.map(line));
  part(
    words.actions,
    recap.actions.map((one) => {
      const who = clean(one.owner_name ?? words.unassigned);
      const due = one.due === null ? clean(one.due_text) : words.due(one.due);
      return `- [${one.done ? "x" : " "}] ${clean(one.text)} (${[who, due, asTime(one.at)].filter(Boolean).join(", ")})`;
    }),
  );
  for (const topic of recap.topics) part(`${topic.title} (${asTime(topic.start)})`, topic.lines.map(line), 2);
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** Markdown's own signs lose their meaning; so does HTML. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~!]/g, "\\$&").replace(/\s+/g, " ");
}
