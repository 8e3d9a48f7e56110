/** The start: a new meeting, a link to open, and one's meetings and conversations. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, Suspense, lazy, useState } from "react";
import { Link, useNavigate } from "react-router";

import { Loading } from "../app/Loading";
import { api } from "../app/api";
import { queryClient, useAccount, useSite } from "../app/queries";
import { useTitle } from "../app/useTitle";
import { useTexts } from "../i18n/text";
import { MAX_TITLE_CHARS, type Meeting } from "../protocol.generated";
import { Button, buttonClass } from "../ui/Button";
import { TextField } from "../ui/Field";
import style from "./pages.module.css";
import { codeIn } from "./meeting-link";
import { NewMeetingButton } from "./NewMeetingButton";

const RecapList = lazy(() => import("../recap/RecapList"));

export function HomePage() {
  const { t } = useTexts();
  const { account, isError } = useAccount();
  useTitle("Parley");
  if (isError) return <p className="error">{t("app.offline")}</p>;
  if (account === undefined) return <Loading />;
  return account === null ? <Welcome /> : <Overview />;
}

function Welcome() {
  const { t } = useTexts();
  const { data: site } = useSite();
  return (
    <div className={style.welcome}>
      <h1>{t("home.title")}</h1>
      <p className={style.lead}>{t("home.lead")}</p>
      <div className="row">
        {site?.sign_up_open !== false && (
          <Link to="/sign-up" className={buttonClass({ look: "primary" })}>
            {t("account.create")}
          </Link>
        )}
        <Link to="/sign-in" className={buttonClass()}>
          {t("account.sign-in")}
        </Link>
      </div>
      <OpenLink />
    </div>
  );
}

function Overview() {
  const { t } = useTexts();
  return (
    <div className="stack">
      <h1 className="visually-hidden">{t("home.title")}</h1>
      <section className={`card ${style.start}`}>
        <NewMeetingButton />
        <OpenLink />
      </section>
      <div className={style.columns}>
        <MeetingList />
        <ConversationList />
        <Suspense fallback={null}>
          <RecapList />
        </Suspense>
      </div>
    </div>
  );
}

function OpenLink() {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);

  const open = (event: FormEvent) => {
    event.preventDefault();
    const code = codeIn(text);
    if (code === null) setProblem(t("home.join.bad", { example: t("home.join.placeholder") }));
    else void navigate(`/m/${code}`);
  };

  return (
    <form className={style.openLink} onSubmit={open}>
      <TextField
        label={t("home.join.label")}
        placeholder={t("home.join.placeholder")}
        value={text}
        problem={problem}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          setProblem(null);
        }}
      />
      <Button type="submit">{t("home.join.go")}</Button>
    </form>
  );
}

function MeetingList() {
  const { t } = useTexts();
  const { data } = useQuery({ queryKey: ["meetings"], queryFn: api.meetings });
  return (
    <section className="card stack">
      <h2>{t("home.meetings")}</h2>
      {data?.meetings.length === 0 && <p className="soft">{t("home.meetings.none")}</p>}
      <ul className={style.list}>
        {data?.meetings.map((meeting) => (
          <li key={meeting.meeting_id}>
            <MeetingLine meeting={meeting} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function MeetingLine({ meeting }: { meeting: Meeting }) {
  const { t, language } = useTexts();
  const when = (seconds: number) =>
    new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(seconds * 1000);
  const line = (
    <>
      <span className={style.lineTitle}>{meeting.title}</span>
      <span className="soft">
        {meeting.ended_at === null
          ? t("home.meetings.started", { when: when(meeting.created_at) })
          : t("home.meetings.ended", { when: when(meeting.ended_at) })}
      </span>
    </>
  );
  if (meeting.ended_at !== null) return <div className={style.line}>{line}</div>;
  return (
    <Link to={`/m/${meeting.code}`} className={style.line}>
      {line}
      <span className={style.live}>{t("home.meetings.live")}</span>
    </Link>
  );
}

function ConversationList() {
  const { t } = useTexts();
  const { data } = useQuery({ queryKey: ["conversations"], queryFn: api.conversations });
  const [title, setTitle] = useState("");
  const create = useMutation({
    mutationFn: () => api.createConversation({ title: title.trim() }),
    onSuccess: () => {
      setTitle("");
      return queryClient.invalidateQueries({ queryKey: ["conversations"] });
    },
  });
  return (
    <section className="card stack">
      <h2>{t("home.conversations")}</h2>
      {data?.conversations.length === 0 && <p className="soft">{t("home.conversations.none")}</p>}
      <ul className={style.list}>
        {data?.conversations.map((conversation) => (
          <li key={conversation.conversation_id}>
            <Link to={`/conversations/${conversation.conversation_id}`} className={style.line}>
              <span className={style.lineTitle}>{conversation.title}</span>
              <span className="soft">{t("home.members", { count: conversation.members.length })}</span>
            </Link>
          </li>
        ))}
      </ul>
      <form
        className={style.openLink}
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim() !== "") create.mutate();
        }}
      >
        <TextField
          label={t("home.conversations.title")}
          value={title}
          maxLength={MAX_TITLE_CHARS}
          problem={create.error?.message ?? null}
          onChange={(event) => setTitle(event.target.value)}
        />
        <Button type="submit" disabled={create.isPending}>
          {t("home.conversations.create")}
        </Button>
      </form>
    </section>
  );
}
