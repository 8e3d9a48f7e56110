import { describe, expect, it } from "vitest";

import { type Catalogue, pieces, preferredLanguage, textOf } from "./catalogue";
import { de } from "./de";
import { en } from "./en";
import type { RecapCatalogue } from "./recap";
import { recapDe } from "./recap.de";
import { recapEn } from "./recap.en";

const forms = (entry: Catalogue[keyof Catalogue]) => (typeof entry === "string" ? [entry] : [entry.one, entry.other]);
const places = (text: string) => [...text.matchAll(/\{\w+\}|<\/?\w+>/g)].map((match) => match[0]).sort();

describe("the catalogue", () => {
  it("has the same places and tags in every language", () => {
    for (const key of Object.keys(en) as (keyof Catalogue)[]) {
      const [english, german] = [forms(en[key]), forms(de[key])];
      english.forEach((text, index) => expect(places(german[index] ?? ""), key).toEqual(places(text)));
    }
  });

  it("has them in the texts of recaps too", () => {
    for (const key of Object.keys(recapEn) as (keyof RecapCatalogue)[]) {
      const [english, german] = [forms(recapEn[key]), forms(recapDe[key])];
      english.forEach((text, index) => expect(places(german[index] ?? ""), key).toEqual(places(text)));
    }
  });

  it("fills places and picks the plural form", () => {
    expect(textOf(en, "en", "home.members", { count: 1 })).toBe("1 member");
    expect(textOf(en, "en", "home.members", { count: 2 })).toBe("2 members");
    expect(textOf(en, "en", "call.joined", { name: "{name}" })).toBe("{name} joined");
  });

  it("cuts a text at its tags", () => {
    expect(pieces("I accept the <terms>Terms</terms>!")).toEqual([
      { tag: null, text: "I accept the " },
      { tag: "terms", text: "Terms" },
      { tag: null, text: "!" },
    ]);
  });

  it("speaks the first language that it can", () => {
    expect(preferredLanguage(["fr-FR", "de-AT", "en"])).toBe("de");
    expect(preferredLanguage(["fr"])).toBe("en");
  });
});
