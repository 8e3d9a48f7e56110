import { type ReactNode, useEffect, useId, useRef } from "react";

import { useTexts } from "../i18n/text";
import { IconButton } from "../ui/Button";
import style from "./call.module.css";

/** Beside the stage, or over it on a narrow screen. Escape closes it. */
export function Panel({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const { t } = useTexts();
  const id = useId();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.focus({ preventScroll: true });
  }, []);
  return (
    <aside
      ref={panel}
      className={style.panel}
      aria-labelledby={id}
      tabIndex={-1}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header className={style.panelHead}>
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label={t("app.close")} small onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}
