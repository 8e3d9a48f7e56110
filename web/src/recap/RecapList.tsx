/** Recaps of one's conversations, or of one of them. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { useRecapTexts } from "../i18n/recap";
import pages from "../pages/pages.module.css";
import { recapApi } from "./api";
import style from "./badge.module.css";

/** While one of them is being made. */
const ASK_MS = 10_000;

export default function RecapList({ conversationId = null }: { conversationId?: string | null }) {
  const { t, moment, word } = useRecapTexts();
  const { data } = useQuery({
    queryKey: ["recaps", conversationId],
    queryFn: () => recapApi.list(conversationId),
    refetchInterval: ({ state }) =>
      state.data?.recaps.some((one) => one.state === "recording" || one.state === "working") ? ASK_MS : false,
  });
  return (
    <section className="card stack">
      <h2>{t("list")}</h2>
      {data?.recaps.length === 0 && <p className="soft">{t("list.none")}</p>}
      <ul className={pages.list}>
        {data?.recaps.map((one) => (
          <li key={one.recap_id}>
            <Link to={`/recaps/${one.recap_id}`} className={pages.line}>
              <span className={pages.lineTitle}>{one.title}</span>
              <span className="soft">{moment(one.started_at)}</span>
              {one.state !== "ready" && (
                <span className={style.badge} data-state={one.state}>
                  {word("badge", one.state)}
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
