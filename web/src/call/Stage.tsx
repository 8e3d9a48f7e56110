/** The pictures of a meeting, arranged. */

import { useEffect, useRef, useState } from "react";

import { useTexts } from "../i18n/text";
import { IconButton } from "../ui/Button";
import { Floating } from "./Floating";
import { Tile } from "./Tile";
import { Zoom } from "./Zoom";
import { type Arrangement, type Picture, arrange } from "./arrangement";
import { useSnapshot } from "./context";
import { bestGrid, capacity } from "./grid";
import style from "./stage.module.css";
import { type Size, useSize } from "./useSize";
import { useView } from "./view";

const GAP = 8;
/** Below this width what is featured stands above the others. */
const NARROW = 640;
/** Tiles narrower than this go to another page. */
const LEAST_TILE = 120;

/** The picture that matters most now; picture-in-picture shows it. */
export function useMainPicture(): Picture | null {
  const arrangement = useArrangement();
  if (arrangement.kind === "featured") return arrangement.main;
  if (arrangement.kind === "duo") return arrangement.other;
  return arrangement.pictures.find((one) => !one.person.isSelf) ?? arrangement.pictures[0] ?? null;
}

function useArrangement(): Arrangement {
  const snapshot = useSnapshot();
  const view = useView();
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (snapshot.activeSpeaker !== null && snapshot.activeSpeaker !== snapshot.selfId) {
      last.current = snapshot.activeSpeaker;
    }
  }, [snapshot.activeSpeaker, snapshot.selfId]);
  const speaker = snapshot.activeSpeaker === snapshot.selfId ? null : snapshot.activeSpeaker;
  return arrange(snapshot, view, speaker ?? last.current);
}

export function Stage() {
  const { t } = useTexts();
  const { activeSpeaker } = useSnapshot();
  const arrangement = useArrangement();
  const [place, size] = useSize<HTMLElement>();
  return (
    <section ref={place} className={style.stage} aria-label={t("call.participants")}>
      {size.width > 0 && <Arranged arrangement={arrangement} size={size} speaker={activeSpeaker} />}
    </section>
  );
}

function Arranged({ arrangement, size, speaker }: { arrangement: Arrangement; size: Size; speaker: string | null }) {
  const tile = (picture: Picture, shape: Size) => (
    <Tile
      key={`${picture.participantId} ${picture.source}`}
      {...picture}
      size={shape}
      speaking={picture.source === "camera" && picture.participantId === speaker}
    />
  );
  if (arrangement.kind === "grid") return <Grid pictures={arrangement.pictures} size={size} tile={tile} />;
  if (arrangement.kind === "duo") {
    const shape = bestGrid(1, size.width, size.height, GAP);
    const small = { width: Math.round(Math.max(120, size.width * 0.2)), height: 0 };
    small.height = Math.round((small.width * 9) / 16);
    return (
      <div className={style.grid}>
        {tile(arrangement.other, shape)}
        <Floating place={size} size={small}>
          {tile(arrangement.self, small)}
        </Floating>
      </div>
    );
  }
  return <Featured arrangement={arrangement} size={size} tile={tile} />;
}

type DrawTile = (picture: Picture, shape: Size) => React.ReactNode;

function Featured({
  arrangement,
  size,
  tile,
}: {
  arrangement: Extract<Arrangement, { kind: "featured" }>;
  size: Size;
  tile: DrawTile;
}) {
  const { main, others } = arrangement;
  const narrow = size.width < NARROW;
  const strip = narrow ? { width: size.width, height: size.height * 0.35 } : { width: 200, height: size.height };
  const room =
    others.length === 0
      ? size
      : narrow
        ? { width: size.width, height: size.height - strip.height - GAP }
        : { width: size.width - strip.width - GAP, height: size.height };
  return (
    <div className={style.featured} data-narrow={narrow}>
      {main.source === "screen" ? <Zoom size={room}>{tile(main, room)}</Zoom> : tile(main, room)}
      {others.length > 0 && (
        <div style={strip} className={style.strip}>
          <Grid pictures={others} size={strip} tile={tile} />
        </div>
      )}
    </div>
  );
}

/** As many as can be seen well, and pages for the rest; what is on another page isn't even sent. */
function Grid({ pictures, size, tile }: { pictures: readonly Picture[]; size: Size; tile: DrawTile }) {
  const { t } = useTexts();
  const [page, setPage] = useState(0);
  const all = capacity(pictures.length, size.width, size.height, GAP, LEAST_TILE) >= pictures.length;
  const room = all ? size : { width: size.width, height: Math.max(0, size.height - 48) };
  const perPage = all ? pictures.length : capacity(pictures.length, room.width, room.height, GAP, LEAST_TILE);
  const pages = Math.max(1, Math.ceil(pictures.length / Math.max(1, perPage)));
  const current = Math.min(page, pages - 1);
  const shown = pictures.slice(current * perPage, (current + 1) * perPage);
  const shape = bestGrid(Math.min(perPage, pictures.length), room.width, room.height, GAP);
  return (
    <div className={style.paged}>
      <div className={style.grid}>{shown.map((one) => tile(one, shape))}</div>
      {pages > 1 && (
        <div className={style.pages}>
          <IconButton
            small
            icon="previous"
            label={t("stage.previous")}
            disabled={current === 0}
            onClick={() => setPage(current - 1)}
          />
          <span>{t("stage.page", { page: current + 1, pages })}</span>
          <IconButton
            small
            icon="next"
            label={t("stage.next")}
            disabled={current === pages - 1}
            onClick={() => setPage(current + 1)}
          />
        </div>
      )}
    </div>
  );
}
