/** Form fields that carry their label, hint and problem. */

import { type ComponentProps, type ReactNode, useId } from "react";

import style from "./controls.module.css";

interface FieldProps {
  label: string;
  hint?: string;
  problem?: string | null;
}

/** A line of text. */
export function TextField({ label, hint, problem, ...rest }: ComponentProps<"input"> & FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      <input
        {...rest}
        id={id}
        className={style.input}
        aria-invalid={problem ? true : undefined}
        aria-describedby={described || undefined}
      />
      {hint && (
        <span id={`${id}-hint`} className={style.hint}>
          {hint}
        </span>
      )}
      {problem && (
        <span id={`${id}-problem`} className={style.problem}>
          {problem}
        </span>
      )}
    </div>
  );
}

/** A choice from a list; the browser's own control, which every assistive technology knows. */
export function SelectField({ label, children, ...rest }: ComponentProps<"select"> & { label: string }) {
  const id = useId();
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      <select {...rest} id={id} className={style.input}>
        {children}
      </select>
    </div>
  );
}

/** A box to tick; the label may hold links. */
export function CheckField({
  children,
  problem,
  ...rest
}: Omit<ComponentProps<"input">, "type"> & { children: ReactNode; problem?: string | null }) {
  const id = useId();
  return (
    <div className={style.field}>
      <div className={style.check}>
        <input
          {...rest}
          type="checkbox"
          id={id}
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? `${id}-problem` : undefined}
        />
        <label htmlFor={id}>{children}</label>
      </div>
      {problem && (
        <span id={`${id}-problem`} className={style.problem}>
          {problem}
        </span>
      )}
    </div>
  );
}
