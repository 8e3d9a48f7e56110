/** A tile over the stage that can be dragged, or moved with the arrow keys, to any corner. */

import { type PointerEvent, type ReactNode, useState } from "react";

import { useTexts } from "../i18n/text";
import { readingDirection } from "../ui/direction";
import { CORNERS, type Corner, cornerTowards, nearestCorner } from "./corners";
import style from "./stage.module.css";
import type { Size } from "./useSize";

const MARGIN = 12;
const KEPT = "parley.corner";

export function Floating({ place, size, children }: { place: Size; size: Size; children: ReactNode }) {
  const { t } = useTexts();
  const [corner, setCorner] = useState<Corner>(
    () => CORNERS.find((one) => one === localStorage.getItem(KEPT)) ?? "bottom-end",
  );
  const [drag, setDrag] = useState<{ left: number; top: number; x: number; y: number } | null>(null);
  const rightToLeft = readingDirection() === "rtl";
  const rest = restingPlace(corner, place, size, rightToLeft);

  const settle = (next: Corner) => {
    setCorner(next);
    localStorage.setItem(KEPT, next);
  };
  const start = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || !isGrip(event)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ ...rest, x: event.clientX - rest.left, y: event.clientY - rest.top });
  };
  const move = (event: PointerEvent) => {
    if (drag === null) return;
    const within = (value: number, most: number) => Math.min(Math.max(0, value), Math.max(0, most));
    setDrag({
      ...drag,
      left: within(event.clientX - drag.x, place.width - size.width),
      top: within(event.clientY - drag.y, place.height - size.height),
    });
  };
  const end = () => {
    if (drag === null) return;
    const x = (drag.left + size.width / 2) / place.width;
    const y = (drag.top + size.height / 2) / place.height;
    setDrag(null);
    settle(nearestCorner(x, y, rightToLeft));
  };

  return (
    <div
      className={style.floating}
      data-dragged={drag !== null}
      data-corner={corner}
      style={drag === null ? rest : { left: drag.left, top: drag.top }}
      tabIndex={0}
      role="group"
      aria-label={t("stage.own-picture")}
      onPointerDown={start}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        const next = cornerTowards(corner, event.key, rightToLeft);
        if (next === corner) return;
        event.preventDefault();
        settle(next);
      }}
    >
      {children}
    </div>
  );
}

/** Whether it is the tile itself that is taken hold of: not a button of it, nor a menu, which stands elsewhere. */
export function isGrip(event: PointerEvent): boolean {
  const target = event.target as Element;
  return event.currentTarget.contains(target) && target.closest("button") === null;
}

function restingPlace(corner: Corner, place: Size, size: Size, rightToLeft: boolean): { left: number; top: number } {
  const atLeft = corner.endsWith("start") !== rightToLeft;
  return {
    left: atLeft ? MARGIN : place.width - size.width - MARGIN,
    top: corner.startsWith("top") ? MARGIN : place.height - size.height - MARGIN,
  };
}
