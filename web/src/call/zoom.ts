/** Zooming into a picture: a scale, and where its top left corner lies. Pure arithmetic in CSS pixels. */

import type { Size } from "./useSize";

export interface ZoomState {
  scale: number;
  x: number;
  y: number;
}

export const FIT: ZoomState = { scale: 1, x: 0, y: 0 };
export const MOST = 6;

/** Scale by `factor` so that the point under the pointer stays where it is. */
export function zoomAt(state: ZoomState, factor: number, point: { x: number; y: number }, size: Size): ZoomState {
  const scale = Math.min(MOST, Math.max(1, state.scale * factor));
  const real = scale / state.scale;
  return bound({ scale, x: point.x - (point.x - state.x) * real, y: point.y - (point.y - state.y) * real }, size);
}

/** Move it; its edges stay outside the place. */
export function panBy(state: ZoomState, dx: number, dy: number, size: Size): ZoomState {
  return bound({ ...state, x: state.x + dx, y: state.y + dy }, size);
}

function bound({ scale, x, y }: ZoomState, size: Size): ZoomState {
  const within = (value: number, extent: number) => Math.min(0, Math.max(extent * (1 - scale), value));
  return { scale, x: within(x, size.width), y: within(y, size.height) };
}
