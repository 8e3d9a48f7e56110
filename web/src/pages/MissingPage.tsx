import { Link } from "react-router";

import { useTitle } from "../app/useTitle";
import { useTexts } from "../i18n/text";
import { buttonClass } from "../ui/Button";
import style from "./pages.module.css";

/** No page of ours has this address. */
export function MissingPage() {
  const { t } = useTexts();
  useTitle(t("missing.title"));
  return (
    <div className={style.welcome}>
      <h1>{t("missing.title")}</h1>
      <p className={style.lead}>{t("missing.detail")}</p>
      <Link to="/" className={buttonClass({ look: "primary" })}>
        {t("app.home")}
      </Link>
    </div>
  );
}
