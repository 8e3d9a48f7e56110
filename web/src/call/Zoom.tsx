/** A shared screen that can be zoomed into and moved: with wheel and pointer, with buttons, with keys. */

import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";

import { useTexts } from "../i18n/text";
import { IconButton } from "../ui/Button";
import { isGrip } from "./Floating";
import style from "./stage.module.css";
import type { Size } from "./useSize";
import { FIT, MOST, type ZoomState, panBy, zoomAt } from "./zoom";

const STEP = 1.4;
const PAN_PIXELS = 60;

export function Zoom({ size, children }: { size: Size; children: ReactNode }) {
  const { t } = useTexts();
  const [state, setState] = useState<ZoomState>(FIT);
  const place = useRef<HTMLDivElement>(null);
  const grip = useRef<{ x: number; y: number } | null>(null);
  const middle = { x: size.width / 2, y: size.height / 2 };
  const zoom = (factor: number) => setState((before) => zoomAt(before, factor, middle, size));

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault(); // which React's passive listener could not
      const box = element.getBoundingClientRect();
      const point = { x: event.clientX - box.left, y: event.clientY - box.top };
      setState((before) => zoomAt(before, Math.exp(-event.deltaY / 400), point, size));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [size]);

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (state.scale === 1 || !isGrip(event)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = { x: event.clientX, y: event.clientY };
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = grip.current;
    if (from === null) return;
    grip.current = { x: event.clientX, y: event.clientY };
    setState((before) => panBy(before, event.clientX - from.x, event.clientY - from.y, size));
  };
  const release = () => {
    grip.current = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const pan = {
      ArrowLeft: [PAN_PIXELS, 0],
      ArrowRight: [-PAN_PIXELS, 0],
      ArrowUp: [0, PAN_PIXELS],
      ArrowDown: [0, -PAN_PIXELS],
    }[event.key];
    if (event.target !== event.currentTarget) return;
    if (pan) setState((before) => panBy(before, pan[0] ?? 0, pan[1] ?? 0, size));
    else if (event.key === "+" || event.key === "=") zoom(STEP);
    else if (event.key === "-") zoom(1 / STEP);
    else if (event.key === "0") setState(FIT);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={place}
      className={style.zoom}
      style={size}
      data-zoomed={state.scale > 1}
      data-scale={state.scale.toFixed(2)}
      tabIndex={0}
      role="group"
      aria-label={t("zoom.label")}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={release}
      onPointerCancel={release}
    >
      <div className={style.zoomed} style={{ transform: `translate(${state.x}px, ${state.y}px) scale(${state.scale})` }}>
        {children}
      </div>
      <div className={style.zoomBar}>
        <IconButton small icon="minus" label={t("zoom.out")} disabled={state.scale <= 1} onClick={() => zoom(1 / STEP)} />
        <IconButton small icon="fit" label={t("zoom.fit")} disabled={state.scale === 1} onClick={() => setState(FIT)} />
        <IconButton small icon="plus" label={t("zoom.in")} disabled={state.scale >= MOST} onClick={() => zoom(STEP)} />
      </div>
    </div>
  );
}
