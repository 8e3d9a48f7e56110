/** What happened beside the words: gestures, hands, reactions, screens, who came and went. */

import { type RecapTexts, useRecapTexts } from "../i18n/recap";
import type { RecapMark } from "../protocol.generated";
import { Jump } from "./Jump";
import { Part } from "./Summary";
import { useRecapView } from "./context";
import style from "./recap.module.css";

const KNOWN = ["join", "leave", "hand", "reaction", "gesture", "screen", "pause", "lost"] as const;

/** A mark in words; null for kinds that a later server tells. */
export function markWords(mark: RecapMark, { t, word }: RecapTexts, name: string): string | null {
  const kind = KNOWN.find((one) => one === mark.kind);
  return kind === undefined ? null : t(`mark.${kind}`, { name, label: word("label", mark.label) });
}

export function Marks() {
  const texts = useRecapTexts();
  const { recap, nameOf } = useRecapView();
  const lines = recap.marks.flatMap((mark, index) => {
    const words = markWords(mark, texts, nameOf(mark.person));
    return words === null ? [] : [{ key: index, at: mark.at, words }];
  });
  if (lines.length === 0) return null;
  return (
    <Part title={texts.t("marks")}>
      <ol className={style.happened} tabIndex={0} aria-label={texts.t("marks")}>
        {lines.map((one) => (
          <li key={one.key}>
            <Jump at={one.at} /> <span>{one.words}</span>
          </li>
        ))}
      </ol>
    </Part>
  );
}
