/** The round buttons of the meeting's bar. */

import { type ComponentProps, useId } from "react";

import { Icon, type IconName } from "../ui/Icon";
import style from "./toggle.module.css";

/** A plain one; more props reach the button, so that it can open a menu. */
export function BarButton({
  icon,
  label,
  className = "",
  ...rest
}: ComponentProps<"button"> & { icon: IconName; label: string }) {
  return (
    <button type="button" aria-label={label} title={label} {...rest} className={`${style.toggle} ${className}`}>
      <Icon name={icon} />
    </button>
  );
}

/**
 * One that is on or off. It keeps its name and shows its state by aria-pressed; what a badge counts is its description, so
 * that the name stays.
 */
export function ToggleButton({
  icon,
  label,
  on,
  onClick,
  redWhenOff = false,
  badge,
  description,
}: {
  icon: IconName;
  label: string;
  on: boolean;
  onClick: () => void;
  redWhenOff?: boolean;
  badge?: number;
  description?: string;
}) {
  const id = useId();
  return (
    <span className={style.holder}>
      <BarButton
        icon={icon}
        label={label}
        className={on ? style.on : redWhenOff ? style.red : ""}
        aria-pressed={on}
        aria-describedby={description ? id : undefined}
        onClick={onClick}
      />
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
    </span>
  );
}

/** One that ends something. */
export function EndButton({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return <BarButton icon={icon} label={label} className={style.red} onClick={onClick} />;
}
