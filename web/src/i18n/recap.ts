/** Texts of recaps in the person's language; loaded with the pages that need them. */

import { useMemo } from "react";

import { type Language, type Plural, type Values, fill } from "./catalogue";
import { recapDe } from "./recap.de";
import { recapEn } from "./recap.en";
import { useTexts } from "./text";

export type RecapKey = keyof typeof recapEn;
export type RecapCatalogue = { [Key in RecapKey]: (typeof recapEn)[Key] extends string ? string : Plural };

const CATALOGUES: Record<Language, RecapCatalogue> = { en: recapEn, de: recapDe };

export interface RecapTexts {
  language: Language;
  t: (key: RecapKey, values?: Values) => string;
  /** The text for a word of the server, or that word where we have none. */
  word: (group: string, name: string) => string;
  day: (seconds: number) => string;
  moment: (seconds: number) => string;
}

export function useRecapTexts(): RecapTexts {
  const { language } = useTexts();
  return useMemo(() => textsIn(language), [language]);
}

export function textsIn(language: Language): RecapTexts {
  const catalogue = CATALOGUES[language];
  const t: RecapTexts["t"] = (key, values) => fill(catalogue[key], language, values);
  const day = new Intl.DateTimeFormat(language, { dateStyle: "long" });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return {
    language,
    t,
    word: (group, name) => {
      const key = `${group}.${name}`;
      return key in recapEn ? t(key as RecapKey) : name.replaceAll("_", " ");
    },
    day: (seconds) => day.format(seconds * 1000),
    moment: (seconds) => moment.format(seconds * 1000),
  };
}
