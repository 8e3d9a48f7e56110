/** Sign-up and sign-in. `?next=` leads back to the page of ours that sent somebody here. */

import { type FormEvent, type ReactNode, useState } from "react";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router";

import { api } from "../app/api";
import { sessionChanged, useAccount, useSite } from "../app/queries";
import { useAction } from "../app/useAction";
import { useTitle } from "../app/useTitle";
import { useTexts } from "../i18n/text";
import { MAX_EMAIL_CHARS, MAX_NAME_CHARS, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS } from "../protocol.generated";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { AcceptField } from "./AcceptField";
import style from "./pages.module.css";

/** Where to go after signing in: an address of ours, never another site's. */
export function nextAddress(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : "/";
}

export function SignUpPage() {
  const { t } = useTexts();
  const { data: site } = useSite();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [accepted, setAccepted] = useState(false);

  return (
    <SignForm
      title={t("account.create")}
      lead={site?.sign_up_open === false ? t("account.closed") : t("account.create.lead")}
      other={{ text: t("account.have-one"), link: t("account.sign-in"), to: "/sign-in" }}
      act={() => api.signUp({ email: email.trim(), name: name.trim(), password, accept_terms: accepted })}
    >
      <TextField
        label={t("account.name")}
        value={name}
        onChange={(event) => setName(event.target.value)}
        autoComplete="name"
        maxLength={MAX_NAME_CHARS}
        required
      />
      <EmailField value={email} onChange={setEmail} />
      <TextField
        label={t("account.password")}
        hint={t("account.password.hint", { count: MIN_PASSWORD_CHARS })}
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="new-password"
        minLength={MIN_PASSWORD_CHARS}
        maxLength={MAX_PASSWORD_CHARS}
        required
      />
      <AcceptField checked={accepted} onChange={setAccepted} required />
    </SignForm>
  );
}

export function SignInPage() {
  const { t } = useTexts();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");

  return (
    <SignForm
      title={t("account.sign-in")}
      other={{ text: t("account.have-none"), link: t("account.create"), to: "/sign-up" }}
      act={() => api.signIn({ email: email.trim(), password })}
    >
      <EmailField value={email} onChange={setEmail} />
      <TextField
        label={t("account.password")}
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="current-password"
        maxLength={MAX_PASSWORD_CHARS}
        required
      />
    </SignForm>
  );
}

function EmailField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTexts();
  return (
    <TextField
      label={t("account.email")}
      type="email"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      autoComplete="username"
      maxLength={MAX_EMAIL_CHARS}
      required
    />
  );
}

function SignForm({
  title,
  lead,
  other,
  act,
  children,
}: {
  title: string;
  lead?: string;
  other: { text: string; link: string; to: string };
  act: () => Promise<unknown>;
  children: ReactNode;
}) {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const { account } = useAccount();
  const { busy, problem, run } = useAction();
  const next = nextAddress(search.get("next"));
  useTitle(title);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await act();
      await sessionChanged();
      await navigate(next, { replace: true });
    });
  };

  if (account && !busy) return <Navigate to={next} replace />;
  return (
    <form className={`card stack ${style.sign}`} onSubmit={submit}>
      <h1>{title}</h1>
      {lead && <p className="soft">{lead}</p>}
      {children}
      {problem && (
        <p className="error" role="alert">
          {problem}
        </p>
      )}
      <Button type="submit" look="primary" disabled={busy}>
        {title}
      </Button>
      <p className="soft">
        {other.text} <Link to={{ pathname: other.to, search: search.toString() }}>{other.link}</Link>
      </p>
    </form>
  );
}
