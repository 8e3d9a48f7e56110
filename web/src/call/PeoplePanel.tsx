/** Who is here and who waits, and for host and co-hosts what they may do about it. */

import { useTexts } from "../i18n/text";
import { decides } from "../meeting/room-state";
import type { Person } from "../meeting/state";
import type { Role } from "../protocol.generated";
import { IconButton } from "../ui/Button";
import { CheckField } from "../ui/Field";
import { Icon } from "../ui/Icon";
import { Menu, MenuItem } from "../ui/Menu";
import { KnockList } from "./Knocks";
import { Panel } from "./Panel";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";
import { useGuarded } from "./useGuarded";

export function PeoplePanel({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const { people, role, meeting: state } = useSnapshot();
  return (
    <Panel title={t("call.people")} onClose={onClose}>
      <div className={style.scroll}>
        {decides(role) && <KnockList />}
        <section className={style.section}>
          <h3>{t("people.title", { count: people.length })}</h3>
          <ul className={style.people}>
            {people.map((person) => (
              <li key={person.participant_id} className={style.person}>
                <PersonLine person={person} role={role} />
              </li>
            ))}
          </ul>
        </section>
        {decides(role) && (
          <section className={style.section}>
            <CheckField
              checked={state?.locked ?? false}
              onChange={(event) => guarded(meeting.setLocked(event.target.checked))}
            >
              {t("people.lock")} <span className={style.quiet}>{t("people.lock.hint")}</span>
            </CheckField>
          </section>
        )}
      </div>
    </Panel>
  );
}

function PersonLine({ person, role }: { person: Person; role: Role | null }) {
  const { t } = useTexts();
  const on = (source: "microphone" | "camera" | "screen") =>
    person.producers.some((one) => one.source === source && !one.muted);
  return (
    <>
      <span className={style.personName}>
        {person.isSelf ? t("call.you", { name: person.name }) : person.name}{" "}
        <span className="soft">{t(`people.role.${person.role}`)}</span>
        {person.state === "reconnecting" && <span className="soft"> · {t("call.person-reconnecting")}</span>}
      </span>
      <span className={style.personState}>
        {!on("microphone") && (
          <>
            <Icon name="microphone-off" size={18} />
            <span className="visually-hidden">{t("call.muted")}</span>
          </>
        )}
      </span>
      {!person.isSelf && decides(role) && <Actions person={person} role={role} on={on} />}
    </>
  );
}

/** What somebody who decides may do to somebody else; the server has the last word. */
function Actions({
  person,
  role,
  on,
}: {
  person: Person;
  role: Role | null;
  on: (source: "microphone" | "camera" | "screen") => boolean;
}) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const id = person.participant_id;
  const mayRemove = role === "host" || !decides(person.role);
  return (
    <Menu trigger={<IconButton icon="more" small label={t("people.actions", { name: person.name })} />}>
      {on("microphone") && (
        <MenuItem onSelect={() => guarded(meeting.muteParticipant(id, "microphone"))}>{t("people.mute")}</MenuItem>
      )}
      {on("camera") && (
        <MenuItem onSelect={() => guarded(meeting.muteParticipant(id, "camera"))}>{t("people.mute-camera")}</MenuItem>
      )}
      {on("screen") && (
        <MenuItem onSelect={() => guarded(meeting.muteParticipant(id, "screen"))}>{t("people.stop-screen")}</MenuItem>
      )}
      {role === "host" && (
        <MenuItem onSelect={() => guarded(meeting.setCohost(id, person.role !== "cohost"))}>
          {t(person.role === "cohost" ? "people.unmake-cohost" : "people.make-cohost")}
        </MenuItem>
      )}
      {mayRemove && (
        <MenuItem danger onSelect={() => guarded(meeting.removeParticipant(id))}>
          {t("people.remove")}
        </MenuItem>
      )}
    </Menu>
  );
}
