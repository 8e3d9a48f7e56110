/** Recording: what everyone sees of it, and what host and co-hosts do with it. */

import { useEffect, useId, useRef, useState } from "react";

import { useTexts } from "../i18n/text";
import { decides } from "../meeting/room-state";
import type { RecordingState } from "../protocol.generated";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { Menu, MenuItem } from "../ui/Menu";
import { useNotices } from "../ui/notices";
import style from "./call.module.css";
import { asTime, useNow } from "./clock";
import { useMeeting, useSnapshot } from "./context";
import look from "./recording.module.css";
import { useGuarded } from "./useGuarded";

/** In the meeting's head, for everyone; who may, pauses and stops from here. */
export function RecordingIndicator() {
  const { t } = useTexts();
  const { meeting, role } = useSnapshot();
  const recording = meeting?.recording ?? null;
  if (recording === null) return null;
  const name = look.indicator + (recording.paused ? ` ${look.paused}` : "");
  const words = t(recording.paused ? "record.paused" : "call.recording");
  const content = (
    <>
      <span className={look.dot} aria-hidden="true" />
      <span>{words}</span>
      <Elapsed since={recording.started_at} />
    </>
  );
  if (!decides(role)) return <span className={name}>{content}</span>;
  return (
    <Menu trigger={<button type="button" className={name}>{content}</button>}>
      <RecordingItems />
    </Menu>
  );
}

/** Apart, so that only it is drawn anew each second. Not part of the name: a name that ticks is read out again and again. */
function Elapsed({ since }: { since: number }) {
  const now = useNow();
  return (
    <span className={look.time} aria-hidden="true">
      {asTime(now - since)}
    </span>
  );
}

/** The entries of a menu; nothing for those who may not. */
export function RecordingItems({ start }: { start?: () => void }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const snapshot = useSnapshot();
  const recording = snapshot.meeting?.recording ?? null;
  if (!decides(snapshot.role)) return null;
  if (recording === null) return start ? <MenuItem onSelect={start}>{t("record.open")}</MenuItem> : null;
  return (
    <>
      <MenuItem onSelect={() => guarded(meeting.pauseRecording(!recording.paused))}>
        {t(recording.paused ? "record.resume" : "record.pause")}
      </MenuItem>
      <MenuItem danger onSelect={() => guarded(meeting.stopRecording())}>
        {t("record.stop")}
      </MenuItem>
    </>
  );
}

/** What is wanted of the recording. AI without a recording isn't offered. */
export function StartRecordingDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTexts();
  return (
    <Dialog open={open} onClose={onClose} title={t("record.title")}>
      <StartRecording onClose={onClose} />
    </Dialog>
  );
}

function StartRecording({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const [recap, setRecap] = useState(true);
  const [gestures, setGestures] = useState(false);
  const start = () => {
    guarded(meeting.startRecording({ recap, gestures: recap && gestures }));
    onClose();
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <p>{t("record.told")}</p>
      <fieldset className={look.options}>
        <legend className="visually-hidden">{t("record.kind")}</legend>
        <Option type="radio" label={t("record.with-ai")} hint={t("record.with-ai.hint")} checked={recap} set={() => setRecap(true)} />
        <Option type="radio" label={t("record.without-ai")} hint={t("record.without-ai.hint")} checked={!recap} set={() => setRecap(false)} />
      </fieldset>
      {recap && (
        <Option type="checkbox" label={t("record.gestures")} hint={t("record.gestures.hint")} checked={gestures} set={setGestures} />
      )}
      <div className={look.end}>
        <Button onClick={onClose}>{t("record.cancel")}</Button>
        <Button look="danger" icon="record" type="submit">
          {t("record.start")}
        </Button>
      </div>
    </form>
  );
}

interface OptionProps {
  type: "radio" | "checkbox";
  label: string;
  hint: string;
  checked: boolean;
  set: (checked: boolean) => void;
}

function Option({ type, label, hint, checked, set }: OptionProps) {
  const id = useId();
  return (
    <div className={look.option}>
      <input
        type={type}
        id={id}
        name={type === "radio" ? "recap" : undefined}
        checked={checked}
        aria-describedby={`${id}-hint`}
        onChange={(event) => set(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      <span id={`${id}-hint`} className={look.hint}>
        {hint}
      </span>
    </div>
  );
}

/** To those who can do something about it. */
export function RecordingTroubleBanner() {
  const { t } = useTexts();
  const { meeting, role } = useSnapshot();
  const trouble = meeting?.recording?.trouble ?? null;
  if (trouble === null || !decides(role)) return null;
  return (
    <p className={style.banner} role="alert">
      <Icon name="warning" /> {t(`record.trouble.${trouble}`)}
    </p>
  );
}

/** Tells everyone when it begins, pauses, goes on and ends; who comes later hears that it runs. */
export function useRecordingNews(recording: RecordingState | null): void {
  const { t } = useTexts();
  const { show } = useNotices();
  const before = useRef<RecordingState | null>(null);

  useEffect(() => {
    const was = before.current;
    before.current = recording;
    if (recording === null) {
      if (was !== null) show(t("record.news.stopped"));
    } else if (was?.recording_id !== recording.recording_id) {
      show(t(recording.recap ? "record.news.begun" : "record.news.begun-without-ai"));
      if (recording.paused) show(t("record.news.paused"));
    } else if (was.paused !== recording.paused) {
      show(t(recording.paused ? "record.news.paused" : "record.news.resumed"));
    }
  }, [recording, show, t]);
}
