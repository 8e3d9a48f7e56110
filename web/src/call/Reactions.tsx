/** Reactions: choosing one, and seeing everyone's. */

import { useEffect, useState } from "react";

import { useTexts } from "../i18n/text";
import type { Reaction } from "../protocol.generated";
import { Menu, MenuItem } from "../ui/Menu";
import { useNotices } from "../ui/notices";
import { BarButton } from "./ToggleButton";
import { useMeeting, useSnapshot } from "./context";
import style from "./tile.module.css";
import { useGuarded } from "./useGuarded";

const SHOWN_MS = 2_600;

const SIGNS: Record<Reaction, string> = {
  thumbs_up: "👍",
  clap: "👏",
  heart: "❤️",
  laugh: "😂",
  surprise: "😮",
  celebrate: "🎉",
  hand: "✋",
};

export function ReactionMenu() {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  return (
    <Menu trigger={<BarButton icon="smile" label={t("reaction.open")} />}>
      {(Object.keys(SIGNS) as Reaction[]).map((reaction) => (
        <MenuItem key={reaction} onSelect={() => guarded(meeting.react(reaction))}>
          <span aria-hidden="true">{SIGNS[reaction]}</span> {t(`reaction.${reaction}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** The reaction that somebody shows now, over their tile. */
export function TileReaction({ participantId }: { participantId: string }) {
  const meeting = useMeeting();
  const [shown, setShown] = useState<{ reaction: Reaction; key: number } | null>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = meeting.onMoment((moment) => {
      if (moment.type !== "reaction.shown" || moment.participant_id !== participantId) return;
      clearTimeout(timer);
      setShown((before) => ({ reaction: moment.reaction, key: (before?.key ?? 0) + 1 }));
      timer = setTimeout(() => setShown(null), SHOWN_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [meeting, participantId]);

  if (shown === null) return null;
  return (
    <span key={shown.key} className={style.reaction} data-reaction={shown.reaction} aria-hidden="true">
      {SIGNS[shown.reaction]}
    </span>
  );
}

/** Says reactions to those who can't see them. */
export function useSpokenReactions(): void {
  const { t } = useTexts();
  const meeting = useMeeting();
  const { announce } = useNotices();
  const { people } = useSnapshot();
  useEffect(
    () =>
      meeting.onMoment((moment) => {
        if (moment.type !== "reaction.shown") return;
        const person = people.find((one) => one.participant_id === moment.participant_id);
        if (person === undefined || person.isSelf) return;
        announce(t("reaction.shown", { name: person.name, reaction: t(`reaction.${moment.reaction}`) }));
      }),
    [meeting, people, announce, t],
  );
}
