import { Link } from "react-router";

import { useTexts } from "../i18n/text";
import style from "./layout.module.css";

/** The operator's texts. */
export function Footer() {
  const { t } = useTexts();
  return (
    <footer className={style.footer}>
      <Link to="/terms">{t("footer.terms")}</Link>
      <Link to="/privacy">{t("footer.privacy")}</Link>
    </footer>
  );
}
