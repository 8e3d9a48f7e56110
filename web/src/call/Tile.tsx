/** One person, or one screen, on the stage. */

import { type CSSProperties, useEffect, useRef } from "react";

import { useTexts } from "../i18n/text";
import type { Person, RemoteTrack } from "../meeting/state";
import type { Quality } from "../protocol.generated";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Menu, MenuItem } from "../ui/Menu";
import { PersonActions } from "./PersonActions";
import { TileReaction } from "./Reactions";
import { Video } from "./Video";
import type { Picture } from "./arrangement";
import { useMeeting, useSnapshot } from "./context";
import { layerFor } from "./grid";
import { handNumber } from "./hands";
import style from "./tile.module.css";
import { usePageVisible } from "./usePageVisible";
import type { Size } from "./useSize";
import { samePicture, useView } from "./view";

export interface TileProps extends Picture {
  speaking: boolean;
  size: Size;
}

export function Tile({ person, source, remote, own, speaking, size }: TileProps) {
  const { t } = useTexts();
  const { audioOnly } = useView();
  const { people } = useSnapshot();
  const arrives = remote !== null && !remote.muted && !audioOnly ? remote.track : null;
  const track = own ?? arrives;
  const name = person.isSelf ? t("call.you", { name: person.name }) : person.name;
  const away = person.state === "reconnecting";
  const camera = source === "camera";
  const hand = camera ? handNumber(people, person.participant_id) : null;
  useWanted(remote, audioOnly ? 0 : size.height);

  return (
    <figure
      className={`${style.tile} ${speaking ? style.speaking : ""} ${away ? style.away : ""}`}
      style={{ width: size.width, height: size.height }}
      data-testid="tile"
      data-participant-id={person.participant_id}
      data-speaking={speaking || undefined}
    >
      {track === null ? (
        <Initials name={person.name} height={size.height} />
      ) : (
        <Video track={track} mirrored={person.isSelf && camera} whole={!camera} source={source} />
      )}
      <Ring participantId={camera ? person.participant_id : null} />
      {away && <p className={style.awayWord}>{t("call.person-reconnecting")}</p>}
      {camera && <TileReaction participantId={person.participant_id} />}
      <figcaption className={style.caption}>
        {camera && isSilent(person) && (
          <span className={style.mark}>
            <Icon name="microphone-off" size={16} />
            <span className="visually-hidden">{t("call.muted")}</span>
          </span>
        )}
        {hand !== null && (
          <span className={style.hand} title={t("tile.hand", { number: hand })}>
            <Icon name="hand" size={16} /> <span aria-hidden="true">{hand}</span>
            <span className="visually-hidden">{t("tile.hand", { number: hand })}</span>
          </span>
        )}
        <span className={style.name}>{camera ? name : t("call.screen-of", { name })}</span>
        {camera && <QualityMark quality={person.quality} />}
      </figcaption>
      <TileMenu person={person} source={source} name={name} />
    </figure>
  );
}

/** Whether nobody hears them. */
export function isSilent(person: Person): boolean {
  return person.producers.every((one) => one.source !== "microphone" || one.muted);
}

/** What is wrong with somebody's connection; nothing while it is good. */
export function QualityMark({ quality }: { quality: Quality }) {
  const { t } = useTexts();
  if (quality === "good") return null;
  const reason = t(`quality.${quality}`);
  return (
    <span className={style.mark} title={reason}>
      <Icon name="weak" size={16} />
      <span className="visually-hidden">{reason}</span>
    </span>
  );
}

function TileMenu({ person, source, name }: { person: Person; source: "camera" | "screen"; name: string }) {
  const { t } = useTexts();
  const { pinned, pin } = useView();
  const picture = { participantId: person.participant_id, source };
  const isPinned = samePicture(pinned, picture);
  return (
    <span className={style.menu}>
      <Menu trigger={<IconButton icon="more" small look="plain" label={t("tile.options", { name })} />}>
        <MenuItem onSelect={() => pin(isPinned ? null : picture)}>{t(isPinned ? "tile.unpin" : "tile.pin")}</MenuItem>
        <PersonActions person={person} />
      </Menu>
    </span>
  );
}

/** Ask for no more than the tile can show, and for nothing while nobody sees it. */
function useWanted(remote: RemoteTrack | null, height: number): void {
  const meeting = useMeeting();
  const visible = usePageVisible();
  const consumerId = remote?.consumerId;
  const layer = visible && height > 0 ? layerFor(height * devicePixelRatio) : null;
  useEffect(() => {
    if (consumerId === undefined) return undefined;
    meeting.setWanted(consumerId, layer);
    return () => meeting.setWanted(consumerId, null);
  }, [meeting, consumerId, layer]);
}

/** Follows somebody's loudness; moves without rendering. */
function Ring({ participantId }: { participantId: string | null }) {
  const meeting = useMeeting();
  const ring = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (participantId === null) return undefined;
    let shown = 0;
    return meeting.onLevels((levels) => {
      const level = Math.round((levels.get(participantId) ?? 0) * 4) / 4; // finer steps can't be seen, and each is painted
      if (level === shown) return;
      shown = level;
      ring.current?.style.setProperty("--level", String(level));
    });
  }, [meeting, participantId]);
  return <span ref={ring} className={style.ring} style={{ "--level": 0 } as CSSProperties} aria-hidden="true" />;
}

function Initials({ name, height }: { name: string; height: number }) {
  const letters = name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => [...word][0] ?? "");
  const shown = (letters.length > 1 ? [letters[0], letters.at(-1)] : letters).join("").toUpperCase();
  const hue = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  const size = Math.max(36, Math.min(140, height * 0.42));
  return (
    <span
      className={style.initials}
      style={{ width: size, height: size, fontSize: size * 0.38, background: `oklch(42% 0.07 ${hue})` }}
      aria-hidden="true"
    >
      {shown}
    </span>
  );
}
