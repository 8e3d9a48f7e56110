/** Picks texts out of a catalogue and fills them in. Pure; React comes in text.tsx. */

import { en } from "./en";

/** A text with a number in it has a form for each plural category of its language. */
export interface Plural {
  one: string;
  other: string;
}

export type TextKey = keyof typeof en;
export type Catalogue = { [Key in TextKey]: (typeof en)[Key] extends string ? string : Plural };
export type Values = Record<string, string | number>;

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

/** Whether that is a key of the catalogue; codes from the server are looked up this way. */
export function isTextKey(key: string): key is TextKey {
  return key in en;
}

/** The text in that language, its {places} filled; `count` decides the plural form. */
export function textOf(catalogue: Catalogue, language: Language, key: TextKey, values: Values = {}): string {
  return fill(catalogue[key], language, values);
}

/** One text of any catalogue. */
export function fill(entry: string | Plural, language: Language, values: Values = {}): string {
  const form = typeof entry === "string" ? entry : entry[pluralOf(language, Number(values.count ?? 0))];
  return form.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** Cut a text at its <tags>: pieces without a tag are plain. */
export function pieces(text: string): { tag: string | null; text: string }[] {
  const found: { tag: string | null; text: string }[] = [];
  let end = 0;
  for (const match of text.matchAll(/<(\w+)>(.*?)<\/\1>/g)) {
    if (match.index > end) found.push({ tag: null, text: text.slice(end, match.index) });
    found.push({ tag: match[1] ?? null, text: match[2] ?? "" });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ tag: null, text: text.slice(end) });
  return found;
}

/** The best of our languages for what the browser prefers. */
export function preferredLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const base = tag.toLowerCase().split("-")[0];
    if (base !== undefined && base in LANGUAGES) return base as Language;
  }
  return "en";
}

function pluralOf(language: Language, count: number): keyof Plural {
  return new Intl.PluralRules(language).select(count) === "one" ? "one" : "other";
}
