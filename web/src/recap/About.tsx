/** How long it is kept, and who changed what. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useRecapTexts } from "../i18n/recap";
import type { Recap, RecapEdit } from "../protocol.generated";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { keys, recapApi } from "./api";
import { useRecapView } from "./context";
import { asDate } from "./dates";
import style from "./recap.module.css";

export function About() {
  const { t, day } = useRecapTexts();
  const { recap } = useRecapView();
  const [open, setOpen] = useState(false);
  return (
    <footer className={style.about}>
      <p>{t("kept", { date: day(recap.kept_until) })}</p>
      <Button small onClick={() => setOpen(true)}>
        {t("history")}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={t("history")}>
        <History />
      </Dialog>
    </footer>
  );
}

function History() {
  const { t, moment, language } = useRecapTexts();
  const { recap, nameOf } = useRecapView();
  const query = useQuery({ queryKey: keys.edits(recap.recap_id), queryFn: () => recapApi.edits(recap.recap_id), staleTime: 0 });
  const words = (edit: RecapEdit): string => {
    const name = edit.by ?? t("history.somebody");
    const item = textOf(recap, edit.item) ?? t("history.gone");
    switch (edit.field) {
      case "text":
        return t("history.text", { name, value: String(edit.value) });
      case "owner":
        return t("history.owner", { name, item, value: edit.value === null ? t("action.unassigned") : nameOf(String(edit.value)) });
      case "due":
        return t("history.due", { name, item, value: edit.value === null ? t("action.no-due") : asDate(String(edit.value), language) });
      case "done":
        return t(edit.value === true ? "history.done" : "history.undone", { name, item });
      case "deleted":
        return t(edit.value === true ? "history.deleted" : "history.undeleted", { name });
    }
  };
  if (query.isError) return <p className="error">{query.error.message}</p>;
  if (query.data?.edits.length === 0) return <p className="soft">{t("history.none")}</p>;
  return (
    <ol className={style.history}>
      {query.data?.edits.map((edit, index) => (
        <li key={index}>
          <p>{words(edit)}</p>
          <time className="soft" dateTime={new Date(edit.at * 1000).toISOString()}>
            {moment(edit.at)}
          </time>
        </li>
      ))}
    </ol>
  );
}

function textOf(recap: Recap, item: string): string | null {
  const lines = [...recap.overview, ...recap.decisions, ...recap.actions, ...recap.topics.flatMap((one) => one.lines)];
  return lines.find((one) => one.item === item)?.text ?? null;
}
