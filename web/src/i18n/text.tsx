/** Gives components the texts of the person's language. */

import { type ReactNode, Fragment, createContext, useContext, useEffect, useMemo, useState } from "react";

import { recall, remember } from "../ui/storage";
import {
  type Catalogue,
  type Language,
  type TextKey,
  type Values,
  isTextKey,
  pieces,
  preferredLanguage,
  textOf,
} from "./catalogue";
import { en } from "./en";

const KEPT = "parley.language";

export interface Texts {
  language: Language;
  setLanguage: (language: Language) => void;
  /** A text, its {places} filled. */
  t: (key: TextKey, values?: Values) => string;
  /** A text whose <tags> become elements. */
  rich: (key: TextKey, tags: Record<string, (text: string) => ReactNode>, values?: Values) => ReactNode;
  /** The text for an error code of the server, or its own words where we have none. */
  errorText: (code: string, fallback: string) => string;
}

const TextContext = createContext<Texts | null>(null);

async function load(language: Language): Promise<Catalogue> {
  return language === "de" ? (await import("./de")).de : en;
}

export function TextProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const [catalogue, setCatalogue] = useState<Catalogue | null>(language === "en" ? en : null);

  useEffect(() => {
    let current = true;
    void load(language)
      .catch(() => en)
      .then((loaded) => current && setCatalogue(loaded));
    document.documentElement.lang = language;
    return () => {
      current = false;
    };
  }, [language]);

  const texts = useMemo<Texts>(() => {
    const shown = catalogue ?? en;
    const t: Texts["t"] = (key, values) => textOf(shown, language, key, values);
    return {
      language,
      setLanguage: (next) => {
        remember(KEPT, next);
        setLanguage(next);
      },
      t,
      rich: (key, tags, values) =>
        pieces(t(key, values)).map((piece, index) => (
          <Fragment key={index}>{piece.tag === null ? piece.text : tags[piece.tag]?.(piece.text)}</Fragment>
        )),
      errorText: (code, fallback) => {
        const key = `error.${code}`;
        // Our English says the same as the server's, in fewer words; where we know nothing, the server's words stand.
        return isTextKey(key) ? t(key, { count: 10 }) : fallback;
      },
    };
  }, [catalogue, language]);

  return catalogue === null ? null : <TextContext value={texts}>{children}</TextContext>;
}

/** The texts of the person's language. */
export function useTexts(): Texts {
  const texts = useContext(TextContext);
  if (texts === null) throw new Error("useTexts needs a TextProvider");
  return texts;
}

function firstLanguage(): Language {
  const kept = recall(KEPT);
  return preferredLanguage(kept === null ? navigator.languages : [kept]);
}
