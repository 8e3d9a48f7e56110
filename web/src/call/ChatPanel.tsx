/** What everyone in the meeting writes. */

import { type ChangeEvent, type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";

import { useSite } from "../app/queries";
import { useTexts } from "../i18n/text";
import { type ChatFile, MAX_CHAT_CHARS } from "../protocol.generated";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import controls from "../ui/controls.module.css";
import { useNotices } from "../ui/notices";
import { LinkedText } from "./LinkedText";
import { Panel } from "./Panel";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";
import { asSize } from "./file-size";
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
      <ol tabIndex={0} className={style.messages}>
        {chat.map((message) => (
          <li key={message.message_id} className={message.participant_id === selfId ? style.mine : undefined}>
            <p className={style.messageHead}>
              <b>{message.name}</b> <time>{time.format(message.at * 1000)}</time>
            </p>
            {message.text !== "" && (
              <p className={style.messageText}>
                <LinkedText text={message.text} />
              </p>
            )}
            {message.file && <FileLink file={message.file} />}
          </li>
        ))}
        <li ref={end} aria-hidden="true" />
      </ol>
      <Composer />
    </Panel>
  );
}

/** Downloads; nothing that others send is opened in the page. */
function FileLink({ file }: { file: ChatFile }) {
  const { t, language } = useTexts();
  const meeting = useMeeting();
  return (
    <a className={style.file} href={meeting.fileUrl(file)} download={file.name} target="_blank" rel="noopener noreferrer">
      <Icon name="download" size={18} /> {t("chat.file", { name: file.name, size: asSize(file.size, language) })}
    </a>
  );
}

/** Picks a file and sends it, telling how far it is. */
function Attach() {
  const { t, language } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const { show } = useNotices();
  const most = useSite().data?.max_file_bytes ?? 0;
  const input = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState<{ name: string; share: number } | null>(null);
  if (most === 0) return null;

  const send = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (file === undefined) return;
    if (file.size > most) {
      show(t("chat.file-too-large", { name: file.name, size: asSize(most, language) }));
      return;
    }
    setSending({ name: file.name, share: 0 });
    guarded(
      meeting
        .sendFile(file, (share) => setSending({ name: file.name, share }))
        .finally(() => setSending(null)),
    );
  };
  return (
    <>
      <input ref={input} type="file" hidden onChange={send} data-testid="chat-file" />
      <IconButton
        icon="attach"
        label={t("chat.attach")}
        disabled={sending !== null}
        onClick={() => input.current?.click()}
      />
      {sending && (
        <progress className={style.sending} value={sending.share} aria-label={t("chat.sending", { name: sending.name })} />
      )}
    </>
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
      <Attach />
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
