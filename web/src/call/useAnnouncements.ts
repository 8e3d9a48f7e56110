/** Tells what happens to those who can't see it: people, knocks, chat, screens, and what the host did to one's own devices. */

import { useEffect, useRef } from "react";

import { useTexts } from "../i18n/text";
import type { Person, Snapshot } from "../meeting/state";
import { useNotices } from "../ui/notices";

export function useAnnouncements(snapshot: Snapshot, chatOpen: boolean): void {
  const { t } = useTexts();
  const { show, announce } = useNotices();
  const before = useRef(snapshot);

  useEffect(() => {
    const [was, now] = [before.current, snapshot];
    before.current = snapshot;
    if (was === now || was.selfId !== now.selfId) return;

    for (const person of missingFrom(was.people, now.people)) show(t("call.joined", { name: person.name }));
    for (const person of missingFrom(now.people, was.people)) show(t("call.left", { name: person.name }));
    for (const person of now.people) {
      if (!person.isSelf && shares(person) && !was.people.some((one) => same(one, person) && shares(one))) {
        announce(t("call.sharing", { name: person.name }));
      }
    }
    for (const person of now.people) {
      const before = was.people.find((one) => same(one, person));
      if (person.hand_raised_at !== null && before?.hand_raised_at === null && !person.isSelf) {
        show(t("hand.raised", { name: person.name }));
      }
    }
    for (const knock of now.knocks) {
      if (!was.knocks.some((one) => one.knock_id === knock.knock_id)) announce(t("knock.asks", { name: knock.name }));
    }
    for (const message of now.chat.slice(was.chat.length)) {
      if (message.participant_id === now.selfId) continue;
      const text = message.file
        ? t("chat.sent-file", { name: message.name, file: message.file.name })
        : t("call.wrote", { name: message.name, text: shorten(message.text) });
      if (chatOpen) announce(text);
      else show(text);
    }
    if (now.local.microphone?.mutedByHost && !was.local.microphone?.mutedByHost) show(t("call.muted-by-host"));
    if (now.local.camera?.mutedByHost && !was.local.camera?.mutedByHost) show(t("call.camera-off-by-host"));
  }, [snapshot, chatOpen, show, announce, t]);
}

const same = (a: Person, b: Person) => a.participant_id === b.participant_id;
const shares = (person: Person) => person.producers.some((one) => one.source === "screen");

function missingFrom(people: readonly Person[], among: readonly Person[]): Person[] {
  return among.filter((person) => !person.isSelf && !people.some((one) => same(one, person)));
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
