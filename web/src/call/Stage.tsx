/** The people, in a grid; or what somebody shows, with the people beside it. */

import { useTexts } from "../i18n/text";
import type { Person, RemoteTrack, Snapshot } from "../meeting/state";
import { Tile } from "./Tile";
import { useSnapshot } from "./context";
import { bestGrid } from "./grid";
import style from "./stage.module.css";
import { useSize } from "./useSize";

const GAP = 8;
/** Below this width what is shown stands above the people. */
const NARROW = 640;

interface Shown {
  person: Person;
  source: "camera" | "screen";
  remote: RemoteTrack | null;
  own: MediaStreamTrack | null;
}

export function Stage() {
  const snapshot = useSnapshot();
  const { t } = useTexts();
  const people = snapshot.people.map((person) => shown(snapshot, person, "camera"));
  const screens = snapshot.people
    .filter((person) => !person.isSelf && person.producers.some((one) => one.source === "screen"))
    .map((person) => shown(snapshot, person, "screen"));
  const screen = screens.at(-1);
  return (
    <section className={style.stage} aria-label={t("call.participants")}>
      {screen === undefined ? (
        <Grid tiles={people} speaker={snapshot.activeSpeaker} />
      ) : (
        <Presentation screen={screen} others={[...screens.slice(0, -1), ...people]} speaker={snapshot.activeSpeaker} />
      )}
    </section>
  );
}

function shown(snapshot: Snapshot, person: Person, source: "camera" | "screen"): Shown {
  const remote = snapshot.remote.find((one) => one.participantId === person.participant_id && one.source === source);
  const local = person.isSelf ? snapshot.local[source] : undefined;
  return { person, source, remote: remote ?? null, own: local?.on ? local.track : null };
}

function Grid({ tiles, speaker }: { tiles: readonly Shown[]; speaker: string | null }) {
  const [place, size] = useSize<HTMLDivElement>();
  const shape = bestGrid(tiles.length, size.width, size.height, GAP);
  return (
    <div ref={place} className={style.grid}>
      {tiles.map((tile) => (
        <Tile
          key={`${tile.person.participant_id} ${tile.source}`}
          {...tile}
          size={shape}
          speaking={tile.person.participant_id === speaker}
        />
      ))}
    </div>
  );
}

function Presentation({
  screen,
  others,
  speaker,
}: {
  screen: Shown;
  others: readonly Shown[];
  speaker: string | null;
}) {
  const [place, size] = useSize<HTMLDivElement>();
  const narrow = size.width < NARROW;
  const strip = narrow ? { width: size.width, height: size.height * 0.35 } : { width: 200, height: size.height };
  const main = narrow
    ? { width: size.width, height: size.height - strip.height - GAP }
    : { width: size.width - strip.width - GAP, height: size.height };
  const shape = bestGrid(others.length, strip.width, strip.height, GAP);
  return (
    <div ref={place} className={style.presentation} data-narrow={narrow}>
      <Tile {...screen} size={main} speaking={false} />
      <div className={style.strip} style={strip}>
        {others.map((tile) => (
          <Tile
            key={`${tile.person.participant_id} ${tile.source}`}
            {...tile}
            size={shape}
            speaking={tile.source === "camera" && tile.person.participant_id === speaker}
          />
        ))}
      </div>
    </div>
  );
}
