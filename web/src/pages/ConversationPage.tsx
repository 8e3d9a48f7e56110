/** A conversation: its messages, its members, and a meeting of all of them. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Navigate, useNavigate, useParams } from "react-router";

import { Loading } from "../app/Loading";
import { ApiError, api } from "../app/api";
import { queryClient, useAccount } from "../app/queries";
import { useAction } from "../app/useAction";
import { useTitle } from "../app/useTitle";
import { useTexts } from "../i18n/text";
import { type Account, type Conversation, MAX_CHAT_CHARS, MAX_EMAIL_CHARS } from "../protocol.generated";
import { Button, IconButton } from "../ui/Button";
import { TextField } from "../ui/Field";
import RecapList from "../recap/RecapList";
import { MissingPage } from "./MissingPage";
import { NewMeetingButton } from "./NewMeetingButton";
import style from "./pages.module.css";

/** Until messages are pushed to this page, it asks for new ones this often. */
const ASK_MS = 5_000;

export default function ConversationPage() {
  const { id = "" } = useParams();
  const { t } = useTexts();
  const { account } = useAccount();
  const query = useQuery({ queryKey: ["conversation", id], queryFn: () => api.conversation(id) });
  useTitle(query.data?.title ?? t("home.conversations"));

  if (account === null) return <Navigate to={`/sign-in?next=/conversations/${id}`} replace />;
  if (query.error instanceof ApiError && query.error.status === 404) return <MissingPage />;
  if (query.isError) return <p className="error">{query.error.message}</p>;
  if (query.data === undefined || account === undefined) return <Loading />;
  return (
    <div className="stack">
      <div className={style.titleRow}>
        <h1>{query.data.title}</h1>
        <NewMeetingButton conversationId={id} />
      </div>
      <div className={style.columns}>
        <MessageList conversationId={id} />
        <div className="stack">
          <MemberList conversation={query.data} account={account} />
          <RecapList conversationId={id} />
        </div>
      </div>
    </div>
  );
}

function MessageList({ conversationId }: { conversationId: string }) {
  const { t, language } = useTexts();
  const { busy, problem, run } = useAction();
  const [text, setText] = useState("");
  const query = useInfiniteQuery({
    queryKey: ["messages", conversationId],
    queryFn: ({ pageParam }) => api.messages(conversationId, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.before,
    refetchInterval: ASK_MS,
  });
  const messages = [...(query.data?.pages ?? [])].reverse().flatMap((page) => page.messages);
  const when = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" });

  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    void run(async () => {
      await api.postMessage(conversationId, { text: text.trim() });
      setText("");
      await queryClient.invalidateQueries({ queryKey: ["messages", conversationId] });
    });
  };

  return (
    <section className="card stack">
      <h2>{t("conversation.messages")}</h2>
      {query.hasNextPage && (
        <Button small onClick={() => void query.fetchNextPage()}>
          {t("conversation.older")}
        </Button>
      )}
      {query.isSuccess && messages.length === 0 && <p className="soft">{t("conversation.none")}</p>}
      <ol className={style.messages}>
        {messages.map((message) => (
          <li key={message.message_id}>
            <span className={style.author}>{message.author}</span>{" "}
            <time className={style.time} dateTime={new Date(message.at * 1000).toISOString()}>
              {when.format(message.at * 1000)}
            </time>
            <p className={style.messageText}>{message.text}</p>
          </li>
        ))}
      </ol>
      <form className={style.openLink} onSubmit={send}>
        <TextField
          label={t("conversation.write")}
          value={text}
          maxLength={MAX_CHAT_CHARS}
          problem={problem}
          onChange={(event) => setText(event.target.value)}
          autoComplete="off"
        />
        <Button type="submit" disabled={busy}>
          {t("conversation.send")}
        </Button>
      </form>
    </section>
  );
}

function MemberList({ conversation, account }: { conversation: Conversation; account: Account }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const { busy, problem, run } = useAction();
  const [email, setEmail] = useState("");
  const id = conversation.conversation_id;
  const owns = conversation.members.some((one) => one.owner && one.account_id === account.account_id);
  const changed = () => queryClient.invalidateQueries({ queryKey: ["conversation", id] });

  const add = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await api.addMember(id, { email: email.trim() });
      setEmail("");
      await changed();
    });
  };
  const remove = (accountId: string) => run(() => api.removeMember(id, accountId).then(changed));
  const leave = () =>
    run(async () => {
      await api.removeMember(id, account.account_id);
      await queryClient.invalidateQueries({ queryKey: ["conversations"] });
      await navigate("/");
    });

  return (
    <section className="card stack">
      <h2>{t("conversation.members")}</h2>
      <ul className={style.list}>
        {conversation.members.map((member) => (
          <li key={member.account_id} className={style.member}>
            <span>
              {member.name} <span className="soft">{member.owner ? t("conversation.owner") : member.email}</span>
            </span>
            {owns && !member.owner && (
              <IconButton
                icon="close"
                small
                label={t("conversation.remove", { name: member.name })}
                onClick={() => void remove(member.account_id)}
              />
            )}
          </li>
        ))}
      </ul>
      {problem && (
        <p className="error" role="alert">
          {problem}
        </p>
      )}
      {owns ? (
        <form className={style.openLink} onSubmit={add}>
          <TextField
            label={t("conversation.add")}
            type="email"
            value={email}
            maxLength={MAX_EMAIL_CHARS}
            required
            onChange={(event) => setEmail(event.target.value)}
            autoComplete="off"
          />
          <Button type="submit" disabled={busy}>
            {t("conversation.add.go")}
          </Button>
        </form>
      ) : (
        <Button small onClick={() => void leave()}>
          {t("conversation.leave")}
        </Button>
      )}
    </section>
  );
}
