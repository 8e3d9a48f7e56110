/** /recaps/{id}: what was said, decided and promised, beside the recording. It fills in while it is being made. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, Navigate, useLocation, useParams } from "react-router";

import { Loading } from "../app/Loading";
import { ApiError } from "../app/api";
import { queryClient, useAccount } from "../app/queries";
import { useTitle } from "../app/useTitle";
import { useRecapTexts } from "../i18n/recap";
import { useTexts } from "../i18n/text";
import type { EditRecap, Recap } from "../protocol.generated";
import { Button, buttonClass } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { useNotices } from "../ui/notices";
import { About } from "./About";
import { Actions } from "./Actions";
import { Chat } from "./Chat";
import { Head } from "./Head";
import { Highlights } from "./Highlights";
import { Marks } from "./Marks";
import { Player } from "./Player";
import { Progress } from "./Progress";
import { Decisions, Overview, Topics } from "./Summary";
import { TalkTime } from "./TalkTime";
import { Transcript } from "./Transcript";
import { keys, recapApi, useLinks, useRecap, useTranscript } from "./api";
import { RecapProvider } from "./context";
import { applyEdit } from "./edits";
import { Playhead } from "./playhead";
import { endedStages } from "./polling";
import style from "./recap.module.css";

export default function RecapPage() {
  const { id = "" } = useParams();
  const { t } = useRecapTexts();
  const { account } = useAccount();
  const query = useRecap(id);
  useTitle(query.data?.title ?? t("page"));

  if (account === null) return <Navigate to={`/sign-in?next=/recaps/${id}`} replace />;
  if (query.error instanceof ApiError && query.error.status === 404) return <NoRecap />;
  if (query.data === undefined) {
    if (!query.isError) return <Loading />;
    return <Unreachable detail={query.error.message} retry={() => void query.refetch()} />;
  }
  return <Shown key={id} recap={query.data} />;
}

/** For strangers and guests it is as if it never was. */
function NoRecap() {
  const { t } = useRecapTexts();
  const texts = useTexts();
  return (
    <div className={style.notice}>
      <h1>{t("missing")}</h1>
      <p className="soft">{t("missing.detail")}</p>
      <Link to="/" className={buttonClass({ look: "primary" })}>
        {texts.t("app.home")}
      </Link>
    </div>
  );
}

function Unreachable({ detail, retry }: { detail: string; retry: () => void }) {
  const { t } = useRecapTexts();
  const texts = useTexts();
  return (
    <div className={style.notice} role="alert">
      <h1>{t("unreachable")}</h1>
      <p className="soft">{detail}</p>
      <Button look="primary" onClick={retry}>
        {texts.t("app.retry")}
      </Button>
    </div>
  );
}

function Shown({ recap }: { recap: Recap }) {
  const { t } = useRecapTexts();
  const transcript = useTranscript(recap).data;
  const links = useLinks(recap).data?.urls;
  const [playhead] = useState(() => new Playhead());
  const [view, setView] = useState<"notes" | "transcript">("notes");
  const [jump, setJump] = useState<{ second: number } | null>(null);
  const edit = useEdit(recap.recap_id);
  useNews(recap);

  const shared = useMemo(() => {
    const names = new Map(recap.people.map((one) => [one.person, one.name]));
    return {
      recap,
      transcript,
      segments: transcript?.segments ?? [],
      links: links ?? {},
      playhead,
      nameOf: (person: string | null) => (person === null ? "" : (names.get(person) ?? person)),
      jump: (second: number) => setJump({ second }),
      edit,
    };
  }, [recap, transcript, links, playhead, edit]);

  const withAi = recap.stages.some((one) => one.stage === "transcript");
  return (
    <RecapProvider value={shared}>
      <div className={style.page} data-view={view}>
        <Head />
        <State recap={recap} />
        <div className={style.columns}>
          <section className={style.media} aria-label={t("media")}>
            <Player jump={jump} />
            {withAi && <ViewSwitch view={view} setView={setView} />}
            {withAi && <Transcript />}
          </section>
          <div className={style.notes}>
            {withAi && (
              <>
                <Overview />
                <Decisions />
                <Actions />
                <Topics />
                <Highlights />
                <TalkTime />
              </>
            )}
            <Marks />
            <Chat />
            <About />
          </div>
        </div>
      </div>
    </RecapProvider>
  );
}

/** On small screens recap and transcript take turns. */
function ViewSwitch({ view, setView }: { view: string; setView: (view: "notes" | "transcript") => void }) {
  const { t } = useRecapTexts();
  return (
    <div className={style.switch} role="group" aria-label={t("view")}>
      {(["notes", "transcript"] as const).map((name) => (
        <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
          {t(`view.${name}`)}
        </button>
      ))}
    </div>
  );
}

/** Where it stands, in words; and who just left a meeting that goes on finds the way back. */
function State({ recap }: { recap: Recap }) {
  const { t } = useRecapTexts();
  const { state } = useLocation() as { state: { meeting?: string | null } | null };
  const live = recap.state === "recording" || recap.state === "working";
  return (
    <>
      {live && (
        <div className={style.state}>
          <p>{t(recap.state === "recording" ? "state.recording" : "state.working")}</p>
          {state?.meeting && (
            <Link to={state.meeting} className={buttonClass({ small: true })}>
              {t("rejoin")}
            </Link>
          )}
        </div>
      )}
      {recap.state === "failed" && (
        <p className={style.trouble} role="alert">
          <Icon name="warning" /> {t("state.failed")}
        </p>
      )}
      {recap.notes.map((note) => (
        <p key={note} className={style.trouble}>
          <Icon name="warning" /> {note}
        </p>
      ))}
      <Progress recap={recap} />
    </>
  );
}

/** A change is shown at once and taken back if the server says no. */
function useEdit(id: string): (change: EditRecap) => Promise<void> {
  return useCallback(
    async (change: EditRecap) => {
      await queryClient.cancelQueries({ queryKey: keys.recap(id), exact: true });
      const before = queryClient.getQueryData<Recap>(keys.recap(id));
      if (before !== undefined) queryClient.setQueryData(keys.recap(id), applyEdit(before, change));
      try {
        await recapApi.edit(id, change);
      } catch (reason) {
        if (before !== undefined) queryClient.setQueryData(keys.recap(id), before);
        throw reason;
      } finally {
        void queryClient.invalidateQueries({ queryKey: keys.recap(id), exact: true });
        void queryClient.invalidateQueries({ queryKey: keys.edits(id) });
      }
    },
    [id],
  );
}

/** When a stage has ended, it is read out, and what it made is fetched. */
function useNews(recap: Recap): void {
  const { t, word } = useRecapTexts();
  const { announce } = useNotices();
  const before = useRef(recap);
  useEffect(() => {
    const was = before.current;
    before.current = recap;
    const ended = endedStages(was, recap);
    for (const { stage, state } of ended) {
      announce(t(state === "failed" ? "stage.ended.failed" : "stage.ended.done", { stage: word("stage", stage) }));
    }
    if (ended.length > 0 || was.state !== recap.state) {
      void queryClient.invalidateQueries({ queryKey: keys.transcript(recap.recap_id) });
      void queryClient.invalidateQueries({ queryKey: keys.links(recap.recap_id) });
    }
  }, [recap, announce, t, word]);
}
