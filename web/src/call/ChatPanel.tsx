/** What everyone in the meeting writes. */

import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";

import { useTexts } from "../i18n/text";
import { MAX_CHAT_CHARS } from "../protocol.generated";
import { IconButton } from "../ui/Button";
import controls from "../ui/controls.module.css";
import { LinkedText } from "./LinkedText";
import { Panel } from "./Panel";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";
import { useGuarded } from "./useGuarded";

export function ChatPanel({ onClose }: { onClose: () => void }) {
  const { t, language } = useTexts();
  const { chat, selfId } = useSnapshot();
  const end = useRef<HTMLLIElement>(null);
  const time = new Intl.DateTimeFormat(language, { timeStyle: "short" });
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [chat.length]);

  return (
    <Panel title={t("chat.title")} onClose={onClose}>
      {chat.length === 0 && <p className={`soft ${style.pad}`}>{t("chat.empty")}</p>}
      <ol className={style.messages}>
        {chat.map((message) => (
          <li key={message.message_id} className={message.participant_id === selfId ? style.mine : undefined}>
            <p className={style.messageHead}>
              <b>{message.name}</b> <time>{time.format(message.at * 1000)}</time>
            </p>
            <p className={style.messageText}>
              <LinkedText text={message.text} />
            </p>
          </li>
        ))}
        <li ref={end} aria-hidden="true" />
      </ol>
      <Composer />
    </Panel>
  );
}

function Composer() {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const id = useId();
  const [text, setText] = useState("");
  const length = [...text.trim()].length;
  const tooLong = length > MAX_CHAT_CHARS;

  const send = () => {
    const said = text.trim();
    if (said === "" || tooLong) return;
    setText("");
    guarded(
      meeting.sendChat(said).catch((reason: unknown) => {
        setText((typed) => typed || said); // nothing that was written gets lost
        throw reason;
      }),
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form className={style.composer} onSubmit={submit}>
      <div className={style.writing}>
        <textarea
          className={controls.input}
          aria-label={t("chat.write")}
          aria-invalid={tooLong || undefined}
          aria-describedby={tooLong ? id : undefined}
          placeholder={t("chat.write")}
          rows={2}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {tooLong && (
          <p id={id} className={controls.problem}>
            {t("chat.too-long", { count: MAX_CHAT_CHARS, length })}
          </p>
        )}
      </div>
      <IconButton type="submit" icon="send" look="primary" label={t("chat.send")} disabled={tooLong} />
    </form>
  );
}
