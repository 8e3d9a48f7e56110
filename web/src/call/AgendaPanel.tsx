/** What the meeting is about, and a countdown for it. Host and co-hosts write, everyone reads. */

import { type FormEvent, useEffect, useState } from "react";

import { useTexts } from "../i18n/text";
import { decides } from "../meeting/room-state";
import { MAX_AGENDA_CHARS } from "../protocol.generated";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import controls from "../ui/controls.module.css";
import { useNotices } from "../ui/notices";
import { LinkedText } from "./LinkedText";
import { Panel } from "./Panel";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";
import { useGuarded } from "./useGuarded";

export function AgendaPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const { role, meeting } = useSnapshot();
  const agenda = meeting?.agenda ?? "";
  return (
    <Panel title={t("agenda.title")} onClose={onClose}>
      <div className={style.scroll} tabIndex={0}>
        {decides(role) ? (
          <>
            <AgendaForm agenda={agenda} />
            <TimerForm />
          </>
        ) : (
          <p className={`${style.pad} ${style.messageText}`}>
            {agenda === "" ? t("agenda.none") : <LinkedText text={agenda} />}
          </p>
        )}
      </div>
    </Panel>
  );
}

function AgendaForm({ agenda }: { agenda: string }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const { show } = useNotices();
  const [text, setText] = useState(agenda);
  const [known, setKnown] = useState(agenda);

  useEffect(() => {
    if (agenda === known) return;
    if (text === known) setText(agenda); // somebody else wrote, and nothing typed here is lost
    setKnown(agenda);
  }, [agenda, known, text]);

  const save = (event: FormEvent) => {
    event.preventDefault();
    guarded(meeting.setAgenda(text).then(() => show(t("agenda.saved"))));
  };
  return (
    <form className={style.section} onSubmit={save}>
      <textarea
        className={controls.input}
        aria-label={t("agenda.text")}
        rows={8}
        maxLength={MAX_AGENDA_CHARS}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" disabled={text === agenda}>
        {t("agenda.save")}
      </Button>
    </form>
  );
}

function TimerForm() {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const running = useSnapshot().meeting?.timer ?? null;
  const [minutes, setMinutes] = useState("5");
  const seconds = Math.round(Number(minutes) * 60);

  const start = (event: FormEvent) => {
    event.preventDefault();
    if (seconds >= 1) guarded(meeting.setTimer(seconds));
  };
  return (
    <form className={style.section} onSubmit={start}>
      <h3>{t("timer.title")}</h3>
      <div className="row">
        <TextField
          label={t("timer.minutes")}
          type="number"
          min={0.5}
          max={1440}
          step={0.5}
          value={minutes}
          onChange={(event) => setMinutes(event.target.value)}
        />
        <Button type="submit" disabled={!(seconds >= 1)}>
          {t("timer.start")}
        </Button>
        {running !== null && <Button onClick={() => guarded(meeting.setTimer(null))}>{t("timer.stop")}</Button>}
      </div>
    </form>
  );
}
