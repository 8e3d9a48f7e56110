/** Title, time, people, and what can be done with the whole recap. */

import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { queryClient } from "../app/queries";
import { useAction } from "../app/useAction";
import { asTime } from "../call/clock";
import { useRecapTexts } from "../i18n/recap";
import { Button, buttonClass } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Menu, MenuItem } from "../ui/Menu";
import { useNotices } from "../ui/notices";
import { exportPath, freshLinks, keys, recapApi } from "./api";
import { asText } from "./as-text";
import badge from "./badge.module.css";
import { useRecapView } from "./context";
import { saveFrom } from "./save";
import style from "./recap.module.css";

export function Head() {
  const { t, moment, word } = useRecapTexts();
  const { recap } = useRecapView();
  return (
    <header className={style.head}>
      <div className={style.headWords}>
        <p className={style.crumb}>
          <Link to={`/conversations/${recap.conversation_id}`}>{t("open-conversation")}</Link>
        </p>
        <h1>{recap.title}</h1>
        <p className={style.facts}>
          {recap.state !== "ready" && (
            <span className={badge.badge} data-state={recap.state}>
              {word("badge", recap.state)}
            </span>
          )}
          <time dateTime={new Date(recap.started_at * 1000).toISOString()}>{moment(recap.started_at)}</time>
          {recap.duration > 0 && <span>{t("length", { time: asTime(recap.duration) })}</span>}
          <span>{recap.people.map((one) => one.name).join(", ")}</span>
        </p>
      </div>
      <div className={style.tools}>
        <CopyMenu />
        <DownloadMenu />
        <Button small onClick={() => window.print()}>
          {t("print")}
        </Button>
        {recap.can_delete && <DeleteButton />}
      </div>
    </header>
  );
}

function CopyMenu() {
  const { t } = useRecapTexts();
  const { show } = useNotices();
  const { recap } = useRecapView();
  const copy = (form: "plain" | "markdown") => {
    const text = asText(recap, form, {
      overview: t("summary"),
      decisions: t("decisions"),
      actions: t("actions"),
      unassigned: t("action.unassigned"),
      due: (date) => t("action.due-on", { date }),
    });
    const copied = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => show(t("copy.done")),
      () => show(t("copy.failed")),
    );
  };
  return (
    <Menu trigger={<Button small>{t("copy")}</Button>}>
      <MenuItem onSelect={() => copy("plain")}>{t("copy.plain")}</MenuItem>
      <MenuItem onSelect={() => copy("markdown")}>{t("copy.markdown")}</MenuItem>
    </Menu>
  );
}

function DownloadMenu() {
  const { t } = useRecapTexts();
  const { show } = useNotices();
  const { recap } = useRecapView();
  const id = recap.recap_id;
  const film = recap.stages.find((one) => one.stage === "film");
  const composing = film?.state === "waiting" || film?.state === "running";
  const withAi = recap.stages.some((one) => one.stage === "transcript");
  const fail = (reason: unknown) => show(reason instanceof Error ? reason.message : String(reason));

  const media = (file: string) => {
    freshLinks(id)
      .then((urls) => urls[file] && saveFrom(`${urls[file]}?download=1`))
      .catch(fail);
  };
  const compose = () => {
    recapApi
      .film(id)
      .then((next) => {
        queryClient.setQueryData(keys.recap(id), next);
        show(t("film.started"));
      })
      .catch(fail);
  };
  return (
    <Menu
      trigger={
        <Button small icon="download">
          {t("download")}
        </Button>
      }
    >
      {withAi &&
        (["markdown", "pdf", "srt", "vtt", "json"] as const).map((format) => (
          <MenuItem key={format} onSelect={() => saveFrom(exportPath(id, format))}>
            {t(`download.${format}`)}
          </MenuItem>
        ))}
      {recap.reel !== null && (
        <MenuItem onSelect={() => media(recap.reel?.file ?? "")}>{t("download.reel")}</MenuItem>
      )}
      {recap.film !== null ? (
        <MenuItem onSelect={() => media(recap.film?.file ?? "")}>{t("download.film")}</MenuItem>
      ) : (
        !composing && recap.state !== "recording" && <MenuItem onSelect={compose}>{t("film.compose")}</MenuItem>
      )}
    </Menu>
  );
}

function DeleteButton() {
  const { t } = useRecapTexts();
  const navigate = useNavigate();
  const { show } = useNotices();
  const { recap } = useRecapView();
  const { busy, problem, run } = useAction();
  const [open, setOpen] = useState(false);
  const remove = () =>
    run(async () => {
      await recapApi.remove(recap.recap_id);
      await navigate(`/conversations/${recap.conversation_id}`, { replace: true });
      queryClient.removeQueries({ queryKey: keys.recap(recap.recap_id) });
      await queryClient.invalidateQueries({ queryKey: ["recaps"] });
      show(t("deleted"));
    });
  return (
    <>
      <button type="button" className={buttonClass({ small: true, look: "quiet" }, style.remove)} onClick={() => setOpen(true)}>
        {t("delete")}
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title={t("delete.title")}>
        <p>{t("delete.detail")}</p>
        {problem && (
          <p className="error" role="alert">
            {problem}
          </p>
        )}
        <div className={style.dialogEnd}>
          <Button onClick={() => setOpen(false)}>{t("item.cancel")}</Button>
          <Button look="danger" disabled={busy} onClick={() => void remove()}>
            {t("delete.go")}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
