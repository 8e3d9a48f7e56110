/** Who waits, for those who decide. */

import { useTexts } from "../i18n/text";
import type { Knock } from "../protocol.generated";
import { Button } from "../ui/Button";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";
import { useGuarded } from "./useGuarded";

/** Over the stage: one guest can be let in right there, several are a list to look at. */
export function KnockBanner({ showPeople }: { showPeople: () => void }) {
  const { t } = useTexts();
  const { knocks } = useSnapshot();
  const [first] = knocks;
  if (first === undefined) return null;
  return (
    <div className={style.banner}>
      {knocks.length === 1 ? (
        <>
          <p>{t("knock.asks", { name: first.name })}</p>
          <Decision knock={first} />
        </>
      ) : (
        <>
          <p>{t("knock.several", { count: knocks.length })}</p>
          <Button small look="primary" onClick={showPeople}>
            {t("knock.show")}
          </Button>
        </>
      )}
    </div>
  );
}

/** In the people panel: everyone who waits. */
export function KnockList() {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const { knocks } = useSnapshot();
  if (knocks.length === 0) return null;
  return (
    <section className={style.section}>
      <h3>{t("knock.waiting")}</h3>
      <ul className={style.people}>
        {knocks.map((knock) => (
          <li key={knock.knock_id} className={style.person}>
            <span className={style.personName}>{knock.name}</span>
            <Decision knock={knock} />
          </li>
        ))}
      </ul>
      {knocks.length > 1 && (
        <div className="row">
          <Button small look="primary" onClick={() => guarded(meeting.admit(null))}>
            {t("knock.admit-all")}
          </Button>
          <Button small onClick={() => guarded(meeting.deny(null))}>
            {t("knock.deny-all")}
          </Button>
        </div>
      )}
    </section>
  );
}

function Decision({ knock }: { knock: Knock }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const described = `knock-${knock.knock_id}`;
  return (
    <span className={style.decision}>
      <span id={described} className="visually-hidden">
        {knock.name}
      </span>
      <Button small look="primary" aria-describedby={described} onClick={() => guarded(meeting.admit([knock.knock_id]))}>
        {t("knock.admit")}
      </Button>
      <Button small aria-describedby={described} onClick={() => guarded(meeting.deny([knock.knock_id]))}>
        {t("knock.deny")}
      </Button>
    </span>
  );
}
