/** One statement of the recap: its seconds, its text, and a member's way to change or delete it in place. */

import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";

import { useAction } from "../app/useAction";
import { useRecapTexts } from "../i18n/recap";
import type { RecapAction, RecapLine } from "../protocol.generated";
import { Button, IconButton } from "../ui/Button";
import { SelectField, TextField } from "../ui/Field";
import { useNotices } from "../ui/notices";
import { Jump } from "./Jump";
import { useRecapView } from "./context";
import style from "./recap.module.css";

const isAction = (item: RecapLine | RecapAction): item is RecapAction => "done" in item;

export function Item({ item, before, after }: { item: RecapLine | RecapAction; before?: ReactNode; after?: ReactNode }) {
  const { t } = useRecapTexts();
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const returning = useRef(false);

  // Focus comes back to where the change began.
  useEffect(() => {
    if (editing) returning.current = true;
    else if (returning.current) button.current?.focus();
  }, [editing]);

  if (editing) {
    return (
      <li className={style.item}>
        <ItemForm item={item} close={() => setEditing(false)} />
      </li>
    );
  }
  return (
    <li className={style.item}>
      {before}
      <div className={style.itemWords}>
        <p className={isAction(item) && item.done ? style.doneText : undefined}>{item.text}</p>
        <p className={style.itemFacts}>
          <Jump at={item.at} />
          {after}
          {item.edited && <span>{t("item.edited")}</span>}
        </p>
      </div>
      <IconButton
        ref={button}
        icon="edit"
        small
        className={style.editButton}
        label={t("item.edit", { text: item.text })}
        onClick={() => setEditing(true)}
      />
    </li>
  );
}

function ItemForm({ item, close }: { item: RecapLine | RecapAction; close: () => void }) {
  const { t } = useRecapTexts();
  const { recap, edit } = useRecapView();
  const { show } = useNotices();
  const { busy, problem, run } = useAction();
  const [text, setText] = useState(item.text);
  const [owner, setOwner] = useState(isAction(item) ? (item.owner ?? "") : "");
  const [due, setDue] = useState(isAction(item) ? (item.due ?? "") : "");
  const first = useRef<HTMLTextAreaElement>(null);
  const id = useId();

  useEffect(() => first.current?.focus(), []);

  const save = (event: FormEvent) => {
    event.preventDefault();
    const named = item.item;
    void run(async () => {
      if (text.trim() !== "" && text.trim() !== item.text) await edit({ item: named, field: "text", value: text.trim() });
      if (isAction(item) && owner !== (item.owner ?? "")) await edit({ item: named, field: "owner", value: owner || null });
      if (isAction(item) && due !== (item.due ?? "")) await edit({ item: named, field: "due", value: due || null });
      show(t("item.saved"));
      close();
    });
  };
  const remove = () => void run(() => edit({ item: item.item, field: "deleted", value: true }));

  return (
    <form className={style.itemForm} onSubmit={save} onKeyDown={(event) => event.key === "Escape" && close()}>
      <label htmlFor={id} className="visually-hidden">
        {t("item.text")}
      </label>
      <textarea
        id={id}
        ref={first}
        rows={2}
        value={text}
        maxLength={2000}
        required
        onChange={(event) => setText(event.target.value)}
      />
      {isAction(item) && (
        <div className={style.fields}>
          <SelectField label={t("action.owner")} value={owner} onChange={(event) => setOwner(event.target.value)}>
            <option value="">{t("action.unassigned")}</option>
            {recap.people.map((one) => (
              <option key={one.person} value={one.person}>
                {one.name}
              </option>
            ))}
          </SelectField>
          <TextField label={t("action.due")} type="date" value={due} onChange={(event) => setDue(event.target.value)} />
        </div>
      )}
      {problem && (
        <p className="error" role="alert">
          {problem}
        </p>
      )}
      <div className="row">
        <Button small look="primary" type="submit" disabled={busy}>
          {t("item.save")}
        </Button>
        <Button small onClick={close}>
          {t("item.cancel")}
        </Button>
        <Button small look="quiet" className={style.remove} disabled={busy} onClick={remove}>
          {t("item.delete")}
        </Button>
      </div>
    </form>
  );
}
