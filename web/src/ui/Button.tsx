/** Buttons: text, icon or both. */

import type { ComponentProps, ReactNode } from "react";

import { Icon, type IconName } from "./Icon";
import style from "./controls.module.css";

interface Looks {
  look?: "plain" | "primary" | "danger" | "quiet";
  small?: boolean;
}

/** The class names of a button, for links that look like one. */
export function buttonClass({ look = "plain", small = false }: Looks = {}, ...more: (string | undefined | false)[]): string {
  return [style.button, look !== "plain" && style[look], small && style.small, ...more].filter(Boolean).join(" ");
}

export function Button({
  look,
  small,
  icon,
  className,
  children,
  ...rest
}: ComponentProps<"button"> & Looks & { icon?: IconName }) {
  return (
    <button type="button" {...rest} className={buttonClass({ look, small }, className)}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that shows only a picture; `label` is its name, also as a tooltip. */
export function IconButton({
  look = "quiet",
  small,
  icon,
  label,
  className,
  children,
  ...rest
}: ComponentProps<"button"> & Looks & { icon: IconName; label: string; children?: ReactNode }) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      className={buttonClass({ look, small }, style.icon, className)}
    >
      <Icon name={icon} />
      {children}
    </button>
  );
}
