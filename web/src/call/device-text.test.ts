import { describe, expect, it } from "vitest";

import { type Catalogue, type Language, textOf } from "../i18n/catalogue";
import { de } from "../i18n/de";
import { en } from "../i18n/en";
import { deviceError } from "../meeting/devices";
import { deviceText } from "./device-text";

const said = (catalogue: Catalogue, language: Language, name: string) => {
  const error = deviceError("camera", Object.assign(new Error("Permission denied"), { name }));
  return deviceText((key, values) => textOf(catalogue, language, key, values), error.device, error.problem);
};

describe("a device that can't be used", () => {
  it.each([
    ["NotAllowedError", "The browser doesn't let this page use the camera.", "nicht, das Gerät zu nutzen (Kamera)."],
    ["NotFoundError", "No camera was found.", "Nicht gefunden: Kamera."],
    ["NotReadableError", "The camera can't be opened.", "Lässt sich nicht öffnen: Kamera."],
    ["SomethingNew", "The camera can't be used.", "Nicht zu nutzen: Kamera."],
  ])("is told in the person's language: %s", (name, english, german) => {
    expect(said(en, "en", name)).toContain(english);
    expect(said(de, "de", name)).toContain(german);
  });
});
