/** One person, or one screen, on the stage. */

import { type CSSProperties, useEffect, useRef } from "react";

import { useTexts } from "../i18n/text";
import type { Person, RemoteTrack } from "../meeting/state";
import { Icon } from "../ui/Icon";
import { Video } from "./Video";
import { useMeeting } from "./context";
import { layerFor } from "./grid";
import style from "./tile.module.css";
import { usePageVisible } from "./usePageVisible";

export interface TileProps {
  person: Person;
  source: "camera" | "screen";
  /** What arrives of them; null for oneself, and while there is nothing. */
  remote: RemoteTrack | null;
  /** One's own picture. */
  own?: MediaStreamTrack | null;
  speaking: boolean;
  size: { width: number; height: number };
}

export function Tile({ person, source, remote, own = null, speaking, size }: TileProps) {
  const { t } = useTexts();
  const track = own ?? (remote !== null && !remote.muted ? remote.track : null);
  const name = person.isSelf ? t("call.you", { name: person.name }) : person.name;
  const muted = person.producers.every((one) => one.source !== "microphone" || one.muted);
  const away = person.state === "reconnecting";
  useWanted(remote, size.height);

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
        <Video track={track} mirrored={person.isSelf && source === "camera"} whole={source === "screen"} source={source} />
      )}
      <Ring participantId={source === "camera" ? person.participant_id : null} />
      {away && <p className={style.awayWord}>{t("call.person-reconnecting")}</p>}
      <figcaption className={style.caption}>
        {source === "camera" && muted && (
          <span className={style.mutedBadge}>
            <Icon name="microphone-off" size={16} />
            <span className="visually-hidden">{t("call.muted")}</span>
          </span>
        )}
        <span className={style.name}>{source === "screen" ? t("call.screen-of", { name }) : name}</span>
      </figcaption>
    </figure>
  );
}

/** Ask for no more than the tile can show, and for nothing while nobody sees it. */
function useWanted(remote: RemoteTrack | null, height: number): void {
  const meeting = useMeeting();
  const visible = usePageVisible();
  const consumerId = remote?.consumerId;
  const layer = visible ? layerFor(height * devicePixelRatio) : null;
  useEffect(() => {
    if (consumerId !== undefined && height > 0) meeting.setWanted(consumerId, layer);
  }, [meeting, consumerId, layer, height]);
}

/** Follows somebody's loudness; moves without rendering. */
function Ring({ participantId }: { participantId: string | null }) {
  const meeting = useMeeting();
  const ring = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (participantId === null) return undefined;
    return meeting.onLevels((levels) =>
      ring.current?.style.setProperty("--level", String(levels.get(participantId) ?? 0)),
    );
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
  const size = Math.max(40, Math.min(140, height * 0.42));
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
