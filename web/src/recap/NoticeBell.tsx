/** What one was told while away: a bell with the number of what is unread, and the list. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { queryClient } from "../app/queries";
import { useRecapTexts } from "../i18n/recap";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { useNotices } from "../ui/notices";
import { recapApi } from "./api";
import style from "./bell.module.css";

const ASK_MS = 60_000;
const KEY = ["notices"] as const;

export default function NoticeBell() {
  const { t, moment } = useRecapTexts();
  const { show } = useNotices();
  const { data } = useQuery({ queryKey: KEY, queryFn: recapApi.notices, refetchInterval: ASK_MS });
  const [open, setOpen] = useState(false);
  const unread = data?.unread ?? 0;
  const read = () => {
    recapApi
      .readNotices()
      .then(() => queryClient.invalidateQueries({ queryKey: KEY }))
      .catch((reason: unknown) => show(reason instanceof Error ? reason.message : String(reason)));
  };
  const label = unread === 0 ? t("notices") : `${t("notices")}, ${t("notices.unread", { count: unread })}`;
  return (
    <>
      <IconButton icon="bell" label={label} className={style.bell} onClick={() => setOpen(true)}>
        {unread > 0 && (
          <span className={style.count} aria-hidden="true">
            {unread > 99 ? "99+" : unread}
          </span>
        )}
      </IconButton>
      <Dialog open={open} onClose={() => setOpen(false)} title={t("notices")}>
        {data?.notices.length === 0 && <p className="soft">{t("notices.none")}</p>}
        <ul className={style.list}>
          {data?.notices.map((one) => (
            <li key={one.notice_id} data-unread={!one.read || undefined}>
              <Link to={one.link} onClick={() => setOpen(false)}>
                {one.title}
              </Link>
              <span className={style.facts}>
                <time dateTime={new Date(one.at * 1000).toISOString()}>{moment(one.at)}</time>
                {!one.read && <strong>{t("notices.new")}</strong>}
              </span>
            </li>
          ))}
        </ul>
        {unread > 0 && (
          <Button onClick={read}>{t("notices.read")}</Button>
        )}
      </Dialog>
    </>
  );
}
