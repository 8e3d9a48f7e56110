/** Keys for what hands do most. None is a single letter, so that typing and speech input never trigger one (WCAG 2.1.4). */

import { useEffect, useRef } from "react";

export interface Shortcuts {
  microphone: () => void;
  camera: () => void;
  hand: () => void;
  screen: () => void;
  chat: () => void;
  people: () => void;
  help: () => void;
  /** The space bar is held (true) or let go, outside of anything that takes it. */
  talk: (held: boolean) => void;
}

type Command = Exclude<keyof Shortcuts, "talk">;

/** As shown in the help; Ctrl is ⌘ on a Mac. */
export const KEYS: Record<Command, readonly string[]> = {
  microphone: ["Ctrl", "D"],
  camera: ["Ctrl", "E"],
  hand: ["Ctrl", "Alt", "H"],
  screen: ["Ctrl", "Alt", "S"],
  chat: ["Ctrl", "Alt", "C"],
  people: ["Ctrl", "Alt", "P"],
  help: ["Ctrl", "/"],
};

/** The command of a key press, if it is one. Letters are told by their place, because Alt changes what they type. */
export function commandOf(event: Pick<KeyboardEvent, "ctrlKey" | "metaKey" | "altKey" | "key" | "code">): Command | null {
  if (!event.ctrlKey && !event.metaKey) return null;
  const letter = event.code.startsWith("Key") ? event.code.slice(3) : event.key.toUpperCase();
  for (const [command, keys] of Object.entries(KEYS) as [Command, readonly string[]][]) {
    if (keys.at(-1) === letter && keys.includes("Alt") === event.altKey) return command;
  }
  return null;
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });

  useEffect(() => {
    let held = false;
    const release = () => {
      if (held) current.current.talk(false);
      held = false;
    };
    const down = (event: KeyboardEvent) => {
      if (event.code === "Space" && !takesSpace(event.target)) {
        event.preventDefault();
        if (!held && !event.repeat) current.current.talk(true);
        held = true;
        return;
      }
      const command = commandOf(event);
      if (command === null) return;
      event.preventDefault();
      if (!event.repeat) current.current[command]();
    };
    const up = (event: KeyboardEvent) => {
      if (event.code === "Space") release();
    };
    document.addEventListener("keydown", down);
    document.addEventListener("keyup", up);
    addEventListener("blur", release);
    return () => {
      release();
      document.removeEventListener("keydown", down);
      document.removeEventListener("keyup", up);
      removeEventListener("blur", release);
    };
  }, []);
}

function takesSpace(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, button, a, summary, [contenteditable], [role=menuitem], dialog") !== null
  );
}
