/** Who is here, who waits and who wants to speak, and for host and co-hosts what they may do about it. */

import { useState } from "react";

import { useTexts } from "../i18n/text";
import { decides } from "../meeting/room-state";
import type { Person } from "../meeting/state";
import { IconButton } from "../ui/Button";
import { CheckField, TextField } from "../ui/Field";
import { Icon } from "../ui/Icon";
import { Menu } from "../ui/Menu";
import { KnockList } from "./Knocks";
import { Panel } from "./Panel";
import { PersonActions } from "./PersonActions";
import { QualityMark, isSilent } from "./Tile";
import style from "./call.module.css";
import { asTime, useNow } from "./clock";
import { useMeeting, useSnapshot } from "./context";
import { raisedHands } from "./hands";
import { useGuarded } from "./useGuarded";

/** Fewer people than this need no search. */
const SEARCH_FROM = 4;

export function PeoplePanel({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const { people, role, meeting: state } = useSnapshot();
  const [search, setSearch] = useState("");
  const found = people.filter((person) => matches(person.name, search));
  useNow(); // talk times go on
  return (
    <Panel title={t("call.people")} onClose={onClose}>
      <div className={style.scroll} tabIndex={0}>
        {decides(role) && <KnockList />}
        <HandList />
        <section className={style.section}>
          <h3>{t("people.title", { count: people.length })}</h3>
          {people.length >= SEARCH_FROM && (
            <TextField
              label={t("people.search")}
              type="search"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          )}
          {found.length === 0 && <p className="soft">{t("people.nobody")}</p>}
          <ul className={style.people}>
            {found.map((person) => (
              <li key={person.participant_id} className={style.person}>
                <PersonLine person={person} />
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

/** Whether a name has what is searched for, whatever its case and accents. */
export function matches(name: string, search: string): boolean {
  const plain = (text: string) => text.normalize("NFD").replace(/\p{Mark}/gu, "").toLowerCase();
  return plain(name).includes(plain(search.trim()));
}

function HandList() {
  const { t } = useTexts();
  const { people } = useSnapshot();
  const hands = raisedHands(people);
  if (hands.length === 0) return null;
  return (
    <section className={style.section}>
      <h3>{t("hand.list")}</h3>
      <ol className={style.hands}>
        {hands.map((person) => (
          <li key={person.participant_id}>{person.name}</li>
        ))}
      </ol>
    </section>
  );
}

function PersonLine({ person }: { person: Person }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const { role } = useSnapshot();
  const talked = meeting.talkSeconds(person.participant_id);
  return (
    <>
      <span className={style.personName}>
        {person.isSelf ? t("call.you", { name: person.name }) : person.name}{" "}
        <span className="soft">{t(`people.role.${person.role}`)}</span>
        {talked >= 1 && <span className={style.talked}>{t("people.talked", { time: asTime(talked) })}</span>}
        {person.state === "reconnecting" && <span className={style.talked}>{t("call.person-reconnecting")}</span>}
      </span>
      <span className={style.personState}>
        <QualityMark quality={person.quality} />
        {isSilent(person) && (
          <>
            <Icon name="microphone-off" size={18} />
            <span className="visually-hidden">{t("call.muted")}</span>
          </>
        )}
      </span>
      {!person.isSelf && decides(role) && (
        <Menu trigger={<IconButton icon="more" small label={t("people.actions", { name: person.name })} />}>
          <PersonActions person={person} />
        </Menu>
      )}
    </>
  );
}
