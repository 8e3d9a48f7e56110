import { useId } from "react";

import { Icon, type IconName } from "../ui/Icon";
import style from "./toggle.module.css";

/**
 * A round button of the meeting's bar. A toggle keeps its name and shows its state by aria-pressed; what a badge counts is
 * its description, so that the name stays.
 */
export function ToggleButton({
  icon,
  label,
  on,
  onClick,
  danger,
  badge,
  description,
  disabled,
}: {
  icon: IconName;
  label: string;
  /** Undefined for what is no toggle. */
  on?: boolean;
  onClick: () => void;
  danger?: "off" | "always";
  badge?: number;
  description?: string;
  disabled?: boolean;
}) {
  const id = useId();
  const red = danger === "always" || (danger === "off" && on === false);
  return (
    <button
      type="button"
      className={`${style.toggle} ${red ? style.red : on ? style.on : ""}`}
      aria-pressed={on}
      aria-label={label}
      aria-describedby={description ? id : undefined}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {badge ? (
        <span className={style.badge} aria-hidden="true">
          {badge}
        </span>
      ) : null}
      {description && (
        <span id={id} className="visually-hidden">
          {description}
        </span>
      )}
    </button>
  );
}
