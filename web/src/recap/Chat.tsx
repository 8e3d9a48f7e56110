/** What was written during the meeting. */

import { LinkedText } from "../call/LinkedText";
import { useRecapTexts } from "../i18n/recap";
import { Jump } from "./Jump";
import { Part } from "./Summary";
import { useRecapView } from "./context";
import style from "./recap.module.css";

export function Chat() {
  const { t } = useRecapTexts();
  const { recap, nameOf } = useRecapView();
  if (recap.chat.length === 0) return null;
  return (
    <Part title={t("chat")}>
      <ol className={style.chat}>
        {recap.chat.map((one, index) => (
          <li key={index}>
            <p className={style.chatHead}>
              <Jump at={one.at} /> <strong>{nameOf(one.person)}</strong>
            </p>
            <p className={style.chatText}>
              <LinkedText text={one.text} />
            </p>
          </li>
        ))}
      </ol>
    </Part>
  );
}
