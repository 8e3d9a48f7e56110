/** The frame of all pages but the meeting: who is signed in above, the operator's texts below. */

import { Suspense, lazy, useState } from "react";
import { Link, Outlet, useNavigate } from "react-router";

import { LANGUAGES, type Language } from "../i18n/catalogue";
import { useTexts } from "../i18n/text";
import { Button, IconButton, buttonClass } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { SelectField } from "../ui/Field";
import { useNotices } from "../ui/notices";
import { THEMES, type Theme, chooseTheme, currentTheme } from "../ui/theme";
import { Brand } from "./Brand";
import { Footer } from "./Footer";
import { api } from "./api";
import style from "./layout.module.css";
import { sessionChanged, useAccount } from "./queries";

const NoticeBell = lazy(() => import("../recap/NoticeBell"));

export function Layout() {
  const { t } = useTexts();
  const { account } = useAccount();
  const { show } = useNotices();
  const navigate = useNavigate();
  const [settings, setSettings] = useState(false);

  const signOut = async () => {
    try {
      await api.signOut();
      await sessionChanged();
      await navigate("/");
    } catch {
      show(t("app.offline"));
    }
  };

  return (
    <>
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <header className={style.header}>
        <Brand />
        <div className={style.account}>
          <IconButton icon="settings" label={t("app.settings")} onClick={() => setSettings(true)} />
          {account && (
            <>
              <Suspense fallback={null}>
                <NoticeBell />
              </Suspense>
              <span className={style.name} title={t("app.signed-in-as", { name: account.email })}>
                {account.name}
              </span>
              <Button look="quiet" onClick={() => void signOut()}>
                {t("account.sign-out")}
              </Button>
            </>
          )}
          {account === null && (
            <Link to="/sign-in" className={buttonClass({ look: "quiet" })}>
              {t("account.sign-in")}
            </Link>
          )}
        </div>
      </header>
      <main id="content" className={style.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Footer />
      <Dialog open={settings} onClose={() => setSettings(false)} title={t("app.settings")}>
        <Preferences />
      </Dialog>
    </>
  );
}

/** Language and appearance. */
export function Preferences() {
  const { t, language, setLanguage } = useTexts();
  const [theme, setTheme] = useState<Theme>(currentTheme);
  return (
    <div className="stack">
      <SelectField
        label={t("app.language")}
        value={language}
        onChange={(event) => setLanguage(event.target.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t("app.theme")}
        value={theme}
        onChange={(event) => {
          setTheme(event.target.value as Theme);
          chooseTheme(event.target.value as Theme);
        }}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {t(`app.theme.${name}`)}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
