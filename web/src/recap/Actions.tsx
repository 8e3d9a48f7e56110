/** What somebody has to do, until when. */

import { useRecapTexts } from "../i18n/recap";
import { useNotices } from "../ui/notices";
import { Item } from "./Item";
import { Part, useSummarised } from "./Summary";
import { useRecapView } from "./context";
import { asDate } from "./dates";
import style from "./recap.module.css";

export function Actions() {
  const { t, language } = useRecapTexts();
  const { recap, edit } = useRecapView();
  const { show } = useNotices();
  const summarised = useSummarised();
  if (!summarised && recap.actions.length === 0) return null;

  const tick = (item: string, done: boolean) => {
    edit({ item, field: "done", value: done }).catch((reason: unknown) =>
      show(reason instanceof Error ? reason.message : String(reason)),
    );
  };
  return (
    <Part title={t("actions")}>
      {recap.actions.length === 0 && <p className="soft">{t("actions.none")}</p>}
      <ul className={style.items}>
        {recap.actions.map((one) => (
          <Item
            key={one.item}
            item={one}
            before={
              <input
                type="checkbox"
                className={style.tick}
                checked={one.done}
                aria-label={t("action.done", { text: one.text })}
                onChange={(event) => tick(one.item, event.target.checked)}
              />
            }
            after={
              <>
                <span className={one.owner_name === null ? style.nobody : style.owner}>
                  {one.owner_name ?? t("action.unassigned")}
                </span>
                {(one.due ?? one.due_text) && (
                  <span className={style.due}>
                    {one.due === null ? one.due_text : t("action.due-on", { date: asDate(one.due, language) })}
                  </span>
                )}
              </>
            }
          />
        ))}
      </ul>
    </Part>
  );
}
