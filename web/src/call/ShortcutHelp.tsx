import { useTexts } from "../i18n/text";
import { Dialog } from "../ui/Dialog";
import style from "./call.module.css";
import { KEYS } from "./useShortcuts";

/** All keys, on one sheet. */
export function ShortcutHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTexts();
  const rows: [string, readonly string[]][] = [
    [t("shortcuts.talk"), [t("shortcuts.space")]],
    ...Object.entries(KEYS).map(
      ([command, keys]) => [t(`shortcuts.${command as keyof typeof KEYS}`), keys] as [string, readonly string[]],
    ),
  ];
  return (
    <Dialog open={open} onClose={onClose} title={t("more.shortcuts")}>
      <dl className={style.figures}>
        {rows.map(([name, keys]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key} className={style.key}>
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
