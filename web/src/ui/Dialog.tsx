/** A modal dialog (Radix: focus is kept inside, Escape closes, the page behind is hidden from assistive technology). */

import * as Radix from "@radix-ui/react-dialog";
import type { ReactNode } from "react";

import { useTexts } from "../i18n/text";
import { IconButton } from "./Button";
import style from "./overlay.module.css";

export function Dialog({
  open,
  onClose,
  title,
  children,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}) {
  const { t } = useTexts();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={style.shade} />
        <Radix.Content className={style.dialog} aria-describedby={undefined}>
          <header className={style.head}>
            <Radix.Title asChild>
              <h2>{title}</h2>
            </Radix.Title>
            <Radix.Close asChild>
              <IconButton icon="close" label={t("app.close")} small />
            </Radix.Close>
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
