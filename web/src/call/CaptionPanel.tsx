/** What is said, as it is understood. */

import { useEffect, useRef, useState } from "react";

import { useTexts } from "../i18n/text";
import type { Meeting } from "../meeting/state";
import type { Caption } from "../protocol.generated";
import { Panel } from "./Panel";
import style from "./call.module.css";


const KEPT = 200;

/** The captions so far; a later one of the same segment takes the place of an earlier. */
export function withCaption(captions: readonly Caption[], caption: Caption): Caption[] {
  const index = captions.findIndex((one) => one.segment_id === caption.segment_id);
  if (index < 0) return [...captions, caption].slice(-KEPT);
  return captions.map((one, at) => (at === index ? caption : one));
}

/** Collects captions from now on, whether or not the panel is open. */
export function useCaptions(meeting: Meeting): readonly Caption[] {
  const [captions, setCaptions] = useState<readonly Caption[]>([]);
  useEffect(
    () =>
      meeting.onMoment((moment) => {
        if (moment.type === "caption") setCaptions((before) => withCaption(before, moment));
      }),
    [meeting],
  );
  return captions;
}

export function CaptionPanel({ captions, onClose }: { captions: readonly Caption[]; onClose: () => void }) {
  const { t } = useTexts();
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [captions]);
  return (
    <Panel title={t("captions.title")} onClose={onClose}>
      {captions.length === 0 && <p className={`soft ${style.pad}`}>{t("captions.none")}</p>}
      <ol tabIndex={0} className={style.messages} aria-live="polite">
        {captions.map((caption) => (
          <li key={caption.segment_id} data-final={caption.final}>
            <p className={style.messageHead}>
              <b>{caption.name}</b>
            </p>
            <p className={caption.final ? style.messageText : `${style.messageText} soft`}>{caption.text}</p>
          </li>
        ))}
        <li ref={end} aria-hidden="true" />
      </ol>
    </Panel>
  );
}
