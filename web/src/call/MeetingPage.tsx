/** /m/{code}: from the door to the goodbye. */

import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Link, Navigate, useParams } from "react-router";

import { Brand } from "../app/Brand";
import { Footer } from "../app/Footer";
import { Loading } from "../app/Loading";
import { ApiError, api } from "../app/api";
import { queryClient } from "../app/queries";
import { useTitle } from "../app/useTitle";
import { useTexts } from "../i18n/text";
import { createMeeting } from "../meeting/meeting";
import type { Meeting, Phase } from "../meeting/state";
import type { MeetingInfo } from "../protocol.generated";
import { Button, buttonClass } from "../ui/Button";
import { PreJoin } from "./PreJoin";
import { WaitingRoom } from "./WaitingRoom";
import { MeetingProvider } from "./context";
import style from "./door.module.css";

const loadCall = () => import("./Call").then(({ Call }) => ({ default: Call }));
const Call = lazy(loadCall);

export default function MeetingPage() {
  const { code = "" } = useParams();
  const { t } = useTexts();
  const info = useQuery({
    queryKey: ["meeting", code],
    queryFn: () => api.meeting(code),
    refetchOnWindowFocus: false,
    staleTime: Infinity,
    gcTime: 0,
  });
  const [visit, setVisit] = useState(0);
  useTitle(info.data?.title ?? t("prejoin.title"));

  if (info.error instanceof ApiError && info.error.status === 404) return <Notice title={t("prejoin.missing")} />;
  if (info.isError) {
    return (
      <Notice title={t("app.failed")} detail={info.error.message}>
        <Button look="primary" onClick={() => void info.refetch()}>
          {t("app.retry")}
        </Button>
      </Notice>
    );
  }
  if (info.data === undefined) return <Loading />;
  const again = async () => {
    await queryClient.refetchQueries({ queryKey: ["meeting", code] });
    setVisit((number) => number + 1);
  };
  return <Visit key={`${code} ${visit}`} info={info.data} again={() => void again()} />;
}

/** One visit: a meeting object can't be used twice. */
function Visit({ info, again }: { info: MeetingInfo; again: () => void }) {
  const [meeting] = useState<Meeting>(createMeeting);
  const phase = useSyncExternalStore(meeting.subscribe, () => meeting.getSnapshot().phase);
  const { t } = useTexts();

  // It has come when somebody goes in, and nobody waited for it before: the check of the network takes longer.
  useEffect(() => {
    const soon = setTimeout(() => loadCall().catch(() => undefined), 1_500);
    return () => clearTimeout(soon);
  }, []);

  // Whoever goes to another page of ours has left; React's strict mode only seems to.
  const disposal = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    clearTimeout(disposal.current);
    return () => {
      disposal.current = setTimeout(() => meeting.dispose());
    };
  }, [meeting]);

  if (info.ended && phase.kind === "idle") return <Notice title={t("prejoin.ended")} />;
  return (
    <MeetingProvider value={meeting}>
      {phase.kind === "idle" ? (
        <Door>
          <PreJoin info={info} />
        </Door>
      ) : phase.kind === "connecting" || phase.kind === "waiting" ? (
        <Door>
          <WaitingRoom phase={phase} />
        </Door>
      ) : phase.kind === "joined" ? (
        <Suspense fallback={<Loading />}>
          <Call info={info} />
        </Suspense>
      ) : phase.kind === "over" && phase.recap !== null ? (
        <Navigate
          to={`/recaps/${phase.recap}`}
          replace
          state={{ meeting: phase.reason === "left" ? `/m/${info.code}` : null }}
        />
      ) : (
        <Over phase={phase} again={again} />
      )}
    </MeetingProvider>
  );
}

function Door({ children }: { children: React.ReactNode }) {
  return (
    <>
      <header className={style.header}>
        <Brand />
      </header>
      <main className={style.door}>{children}</main>
      <Footer />
    </>
  );
}

type Ending = Extract<Phase, { kind: "over" | "turned-away" | "refused" }>;

/** It is over, or never began: what happened, and what one can do now. */
function Over({ phase, again }: { phase: Ending; again: () => void }) {
  const { t, errorText } = useTexts();
  const mayReturn =
    phase.kind === "refused"
      ? !["meeting_ended", "removed", "denied", "not_found"].includes(phase.code)
      : phase.kind === "turned-away"
        ? phase.outcome !== "denied"
        : phase.reason === "left" || phase.reason === "superseded";
  const [title, detail] =
    phase.kind === "refused"
      ? [t("over.refused"), errorText(phase.code, phase.message)]
      : phase.kind === "turned-away"
        ? [t(`over.${phase.outcome === "admitted" ? "left" : phase.outcome}`), phase.message]
        : phase.reason === "superseded"
          ? [t("over.superseded"), t("over.superseded.detail")]
          : [t(`over.${phase.reason}`), phase.message];
  return (
    <Notice title={title} detail={detail}>
      {mayReturn && (
        <Button look="primary" onClick={again}>
          {phase.kind === "over" && phase.reason === "superseded" ? t("over.use-here") : t("over.rejoin")}
        </Button>
      )}
    </Notice>
  );
}

function Notice({ title, detail, children }: { title: string; detail?: string; children?: React.ReactNode }) {
  const { t } = useTexts();
  return (
    <Door>
      <div className={style.notice} role="status">
        <h1>{title}</h1>
        {detail && <p className={style.lead}>{detail}</p>}
        <div className="row">
          {children}
          <Link to="/" className={buttonClass()}>
            {t("app.home")}
          </Link>
        </div>
      </div>
    </Door>
  );
}
