/** Plays what the others say and share. Browsers may hold sound back until somebody touches the page. */

import { useEffect, useRef, useState } from "react";

import { useTexts } from "../i18n/text";
import { loadChoices } from "../meeting/devices";
import { Button } from "../ui/Button";
import { SPEAKER_CHANGED } from "./DevicePicker";
import style from "./call.module.css";
import { useSnapshot } from "./context";

export function Sound() {
  const { t } = useTexts();
  const { remote } = useSnapshot();
  const [blocked, setBlocked] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const heard = remote.filter((one) => one.source === "microphone" || one.source === "screen_audio");
  return (
    <>
      {heard.map(
        (one) =>
          one.track && (
            <Player key={one.consumerId} track={one.track} attempt={attempt} onBlocked={() => setBlocked(true)} />
          ),
      )}
      {blocked && (
        <div className={style.banner} role="alert">
          <p>{t("call.sound-blocked")}</p>
          <Button
            small
            look="primary"
            onClick={() => {
              setBlocked(false);
              setAttempt((number) => number + 1);
            }}
          >
            {t("call.sound-on")}
          </Button>
        </div>
      )}
    </>
  );
}

function Player({ track, attempt, onBlocked }: { track: MediaStreamTrack; attempt: number; onBlocked: () => void }) {
  const audio = useRef<HTMLAudioElement>(null);
  const blocked = useRef(onBlocked);
  useEffect(() => {
    blocked.current = onBlocked;
  });

  useEffect(() => {
    const element = audio.current;
    if (element === null) return;
    element.srcObject = new MediaStream([track]);
    return () => {
      element.srcObject = null;
    };
  }, [track]);

  useEffect(() => {
    audio.current?.play().catch((reason: unknown) => {
      if (reason instanceof DOMException && reason.name === "NotAllowedError") blocked.current();
    });
  }, [track, attempt]);

  useEffect(() => {
    const choose = () => {
      const { speakerId } = loadChoices();
      // A speaker that is gone, or a browser that can't choose: the system's stays.
      if (speakerId !== null) void audio.current?.setSinkId?.(speakerId).catch(() => undefined);
    };
    choose();
    addEventListener(SPEAKER_CHANGED, choose);
    return () => removeEventListener(SPEAKER_CHANGED, choose);
  }, []);

  return <audio ref={audio} autoPlay />;
}
