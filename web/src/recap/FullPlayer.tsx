/** The recorded tracks played together: all microphones, and the picture that matters. */

import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { asTime } from "../call/clock";
import { useRecapTexts } from "../i18n/recap";
import type { RecapTrack } from "../protocol.generated";
import { IconButton } from "../ui/Button";
import { Timeline } from "./Timeline";
import { useRecapView } from "./context";
import { isSound, lineAt, pausesOf, pictureAt } from "./lookup";
import { Playback } from "./playback";
import style from "./recap.module.css";
import { useMediaAddress } from "./useMediaAddress";
import { useRelease } from "./useRelease";
import { useSounds } from "./useSounds";

const RATES = [0.75, 1, 1.25, 1.5, 1.75, 2];
const ARROW_S = 5;
const BUTTON_S = 10;

export function FullPlayer({ jump }: { jump: { second: number } | null }) {
  const { t } = useRecapTexts();
  const { recap, segments, playhead, nameOf } = useRecapView();
  const pauses = useMemo(() => pausesOf(recap.marks), [recap.marks]);
  const [playback] = useState(() => new Playback(recap.duration, pauses));
  const state = useSyncExternalStore(playback.subscribe, playback.getSnapshot);
  const sounds = useMemo(() => recap.tracks.filter(isSound), [recap.tracks]);
  const [begun, setBegun] = useState(false);
  const { streamed, whole } = useSounds(recap.recap_id, sounds, segments, Math.floor(state.position), begun);
  const [failed, setFailed] = useState<ReadonlySet<string>>(new Set());

  useEffect(() => playback.extend(recap.duration, pauses), [playback, recap.duration, pauses]);
  useEffect(() => () => playback.dispose(), [playback]);
  useEffect(() => {
    if (state.playing) setBegun(true);
  }, [state.playing]);
  useEffect(() => playhead.set(state.position), [playhead, state.position]);
  useEffect(() => {
    if (jump === null) return;
    playback.seek(jump.second);
    playback.play();
  }, [playback, jump]);

  // Also while nothing has the focus: who clicked on the picture expects it.
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.target === document.body) onKey(event, playback);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [playback]);

  const fail = useCallback(
    (track: RecapTrack, bad: boolean) =>
      setFailed((before) => {
        if (before.has(track.track) === bad) return before;
        const next = new Set(before);
        if (bad) next.add(track.track);
        else next.delete(track.track);
        return next;
      }),
    [],
  );

  const picture = pictureAt(recap.tracks, segments, state.position);
  const names = [...new Set(recap.tracks.filter((one) => failed.has(one.track)).map((one) => nameOf(one.person)))];

  return (
    <div className={style.full} onKeyDown={(event) => onKey(event, playback)}>
      <Stage playback={playback} picture={picture} speaker={nameOf(lineAt(segments, state.position)?.person ?? null)} fail={fail} />
      {sounds.map((one) => (
        <TrackElement
          key={one.track}
          playback={playback}
          track={one}
          fail={fail}
          whole={whole.get(one.track)}
          streamed={streamed.has(one.track)}
        />
      ))}
      <Timeline position={state.position} seek={(second) => playback.seek(second)} />
      <div className={style.buttons}>
        <IconButton icon="back" label={t("player.back")} onClick={() => playback.skip(-BUTTON_S)} />
        <IconButton
          icon={state.playing ? "pause" : "play"}
          look="primary"
          label={t(state.playing ? "player.pause" : "player.play")}
          onClick={() => playback.toggle()}
        />
        <IconButton icon="forward" label={t("player.forward")} onClick={() => playback.skip(BUTTON_S)} />
        <span className={style.clock}>
          {asTime(state.position)} / {asTime(recap.duration)}
        </span>
        <span className={style.loading} role="status">
          {state.waiting && t("player.waiting")}
        </span>
        <label className={style.speed}>
          <span className="visually-hidden">{t("player.speed")}</span>
          <select value={state.rate} onChange={(event) => playback.setRate(Number(event.target.value))}>
            {RATES.map((rate) => (
              <option key={rate} value={rate}>
                {rate}×
              </option>
            ))}
          </select>
        </label>
      </div>
      {(state.blocked || names.length > 0) && (
        <p className="error" role="alert">
          {state.blocked ? t("player.blocked") : t("player.problem", { names: names.join(", ") })}
        </p>
      )}
    </div>
  );
}

/** Space plays and pauses, arrows move: wherever in the player the focus is, but where a control needs them itself. */
function onKey(event: KeyboardEvent<HTMLElement> | globalThis.KeyboardEvent, playback: Playback): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target instanceof HTMLSelectElement) return;
  if (event.key === " " && !(event.target instanceof HTMLButtonElement)) playback.toggle();
  else if (event.key === "ArrowLeft") playback.skip(-ARROW_S);
  else if (event.key === "ArrowRight") playback.skip(ARROW_S);
  else return;
  event.preventDefault();
}

interface StageProps {
  playback: Playback;
  picture: RecapTrack | null;
  speaker: string;
  fail: (track: RecapTrack, bad: boolean) => void;
}

/** One picture is seen; the one before stays ready behind it, for people take turns. */
function Stage({ playback, picture, speaker, fail }: StageProps) {
  const { t } = useRecapTexts();
  const { recap, nameOf } = useRecapView();
  const frame = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<readonly string[]>([]);
  const current = picture?.track ?? null;

  useEffect(() => {
    if (current !== null) setSeen((before) => [current, ...before.filter((one) => one !== current)].slice(0, 2));
  }, [current]);

  const fullScreen = () => {
    const done = document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen();
    done?.catch(() => undefined); // the browser's own to refuse
  };
  const name = picture === null ? speaker : nameOf(picture.person);
  return (
    // A pointer's short cut: the button below does the same for everyone.
    <div ref={frame} className={style.stage} onClick={() => playback.toggle()}>
      {recap.tracks
        .filter((one) => !isSound(one) && (seen.includes(one.track) || one.track === current))
        .map((one) => (
          <TrackElement
            key={one.track}
            playback={playback}
            track={one}
            fail={fail}
            shown={one.track === current}
            label={t(one.source === "screen" ? "player.screen" : "player.picture", { name: nameOf(one.person) })}
          />
        ))}
      {picture === null && <p className={style.noPicture}>{name || t("player.no-picture")}</p>}
      {picture !== null && <span className={style.nameTag}>{name}</span>}
      {document.fullscreenEnabled && (
        <IconButton
          icon="expand"
          small
          className={style.fullScreen}
          label={t("player.full-screen")}
          onClick={(event) => {
            event.stopPropagation();
            fullScreen();
          }}
        />
      )}
    </div>
  );
}

interface TrackProps {
  playback: Playback;
  track: RecapTrack;
  fail: (track: RecapTrack, bad: boolean) => void;
  /** Of pictures: whether it is the one that is seen. */
  shown?: boolean;
  label?: string;
  /** Where it is in this browser already. */
  whole?: string | undefined;
  /** Whether it may have a connection. */
  streamed?: boolean;
}

function TrackElement({ playback, track, fail, shown, label, whole, streamed = true }: TrackProps) {
  const element = useRef<HTMLMediaElement>(null);
  const { address: link, failed, onError } = useMediaAddress(track.file);
  const address = whole ?? (streamed ? link : undefined);

  useEffect(() => (element.current === null ? undefined : playback.attach(track, element.current)), [playback, track]);
  useEffect(() => fail(track, failed), [fail, track, failed]);
  useRelease(element, address);

  if (shown === undefined) {
    return (
      <audio ref={element as React.RefObject<HTMLAudioElement>} src={address} preload="metadata" onError={onError} data-track={track.track} />
    );
  }
  return (
    <video
      ref={element as React.RefObject<HTMLVideoElement>}
      src={address}
      muted
      playsInline
      preload="auto"
      hidden={!shown}
      aria-label={label}
      onError={onError}
      data-track={track.track}
    />
  );
}
