import { describe, expect, it } from "vitest";

import type { Person } from "../meeting/state";
import { withCaption } from "./CaptionPanel";
import { matches } from "./PeoplePanel";
import { asTime } from "./clock";
import { cornerTowards, nearestCorner } from "./corners";
import { asSize } from "./file-size";
import { capacity } from "./grid";
import { handNumber } from "./hands";
import { commandOf } from "./useShortcuts";
import { FIT, MOST, panBy, zoomAt } from "./zoom";

describe("corners", () => {
  it("are found from where a tile is let go", () => {
    expect(nearestCorner(0.1, 0.1, false)).toBe("top-start");
    expect(nearestCorner(0.9, 0.8, false)).toBe("bottom-end");
    expect(nearestCorner(0.9, 0.8, true)).toBe("bottom-start");
  });

  it("are reached with arrow keys, also from right to left", () => {
    expect(cornerTowards("bottom-end", "ArrowUp", false)).toBe("top-end");
    expect(cornerTowards("bottom-end", "ArrowLeft", false)).toBe("bottom-start");
    expect(cornerTowards("bottom-end", "ArrowRight", true)).toBe("bottom-start");
    expect(cornerTowards("bottom-end", "Enter", false)).toBe("bottom-end");
  });
});

describe("zooming", () => {
  const size = { width: 1000, height: 500 };

  it("keeps the point under the pointer where it is", () => {
    const point = { x: 300, y: 200 };
    const state = zoomAt(FIT, 2, point, size);
    expect({ x: state.x + (300 / 1) * state.scale, y: state.y + 200 * state.scale }).toEqual(point);
  });

  it("never shows what lies outside the picture", () => {
    const far = panBy(zoomAt(FIT, 3, { x: 0, y: 0 }, size), 9999, -9999, size);
    expect(far).toMatchObject({ x: 0, y: size.height * (1 - 3) });
  });

  it("has an end, and comes back to the whole picture", () => {
    const most = zoomAt(FIT, 100, { x: 10, y: 10 }, size);
    expect(most.scale).toBe(MOST);
    expect(zoomAt(most, 0.001, { x: 700, y: 20 }, size)).toEqual({ scale: 1, x: 0, y: 0 });
  });
});

describe("paging", () => {
  it("shows as many as can be seen well", () => {
    expect(capacity(10, 1280, 650, 8, 120)).toBe(10);
    expect(capacity(10, 300, 260, 8, 120)).toBeLessThan(10);
    expect(capacity(10, 100, 60, 8, 120)).toBe(1);
  });
});

describe("keys", () => {
  const press = (part: Partial<KeyboardEvent>) =>
    commandOf({ ctrlKey: false, metaKey: false, altKey: false, key: "", code: "", ...part });

  it("are commands only with Ctrl or Command", () => {
    expect(press({ key: "d", code: "KeyD" })).toBeNull();
    expect(press({ ctrlKey: true, key: "d", code: "KeyD" })).toBe("microphone");
    expect(press({ metaKey: true, key: "e", code: "KeyE" })).toBe("camera");
    expect(press({ ctrlKey: true, key: "/", code: "Slash" })).toBe("help");
  });

  it("tell those with Alt from those without, whatever Alt types", () => {
    expect(press({ ctrlKey: true, altKey: true, key: "ħ", code: "KeyH" })).toBe("hand");
    expect(press({ ctrlKey: true, key: "h", code: "KeyH" })).toBeNull();
    expect(press({ ctrlKey: true, altKey: true, key: "d", code: "KeyD" })).toBeNull();
  });
});

describe("small things", () => {
  it("writes times as people read them", () => {
    expect([0, 59.9, 61, 3723, -5].map(asTime)).toEqual(["0:00", "0:59", "1:01", "1:02:03", "0:00"]);
  });

  it("writes sizes as people read them", () => {
    expect(asSize(999, "en")).toBe("999 byte");
    expect(asSize(1_540_000, "en")).toBe("1.5 MB");
    expect(asSize(1_540_000, "de")).toBe("1,5 MB");
  });

  it("finds names whatever their accents", () => {
    expect(matches("Renée Ångström", "renee ang")).toBe(true);
    expect(matches("Renée", "x")).toBe(false);
  });

  it("numbers hands in the order they went up", () => {
    const people = [
      { participant_id: "a", hand_raised_at: 20 },
      { participant_id: "b", hand_raised_at: null },
      { participant_id: "c", hand_raised_at: 10 },
    ] as Person[];
    expect(["a", "b", "c"].map((id) => handNumber(people, id))).toEqual([2, null, 1]);
  });

  it("replaces a caption that is understood better", () => {
    const caption = (id: string, text: string) =>
      ({ type: "caption", segment_id: id, participant_id: "a", name: "A", text, final: false }) as const;
    const said = [caption("1", "hell"), caption("2", "you"), caption("1", "hello")].reduce(withCaption, [] as never[]);
    expect(said.map((one) => (one as { text: string }).text)).toEqual(["hello", "you"]);
  });
});
