import { Link } from "react-router";

import { useTexts } from "../i18n/text";
import style from "./layout.module.css";

/** The name with its mark, which leads home. */
export function Brand() {
  const { t } = useTexts();
  return (
    <Link to="/" className={style.brand}>
      <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true">
        <rect x="1" y="3" width="24" height="16" rx="5" fill="currentColor" />
        <path d="M7 18v6l6-5Z" fill="currentColor" />
        <circle cx="9" cy="11" r="2.200" fill="var(--page)" />
        <circle cx="17" cy="11" r="2.200" fill="var(--page)" />
      </svg>
      {t("app.name")}
    </Link>
  );
}
