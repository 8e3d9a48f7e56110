import { useTexts } from "../i18n/text";
import style from "./layout.module.css";

/** Shown while a page or its data is on its way; quick loads don't flash it. */
export function Loading() {
  const { t } = useTexts();
  return (
    <div className={style.loading} role="status">
      <span className={style.spinner} aria-hidden="true" />
      <span className="visually-hidden">{t("app.loading")}</span>
    </div>
  );
}
