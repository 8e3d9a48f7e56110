import { useTexts } from "../i18n/text";
import { decides } from "../meeting/room-state";
import type { Person } from "../meeting/state";
import { MenuItem } from "../ui/Menu";
import { useMeeting, useSnapshot } from "./context";
import { useGuarded } from "./useGuarded";

/** Menu items: what somebody who decides may do to somebody else. The server has the last word. */
export function PersonActions({ person }: { person: Person }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const { role } = useSnapshot();
  if (person.isSelf || !decides(role)) return null;

  const id = person.participant_id;
  const on = (source: "microphone" | "camera" | "screen") =>
    person.producers.some((one) => one.source === source && !one.muted);
  const mayRemove = role === "host" || !decides(person.role);
  return (
    <>
      {on("microphone") && (
        <MenuItem onSelect={() => guarded(meeting.muteParticipant(id, "microphone"))}>{t("people.mute")}</MenuItem>
      )}
      {on("camera") && (
        <MenuItem onSelect={() => guarded(meeting.muteParticipant(id, "camera"))}>{t("people.mute-camera")}</MenuItem>
      )}
      {on("screen") && (
        <MenuItem onSelect={() => guarded(meeting.muteParticipant(id, "screen"))}>{t("people.stop-screen")}</MenuItem>
      )}
      {person.hand_raised_at !== null && (
        <MenuItem onSelect={() => guarded(meeting.lowerHand(id))}>{t("hand.lower", { name: person.name })}</MenuItem>
      )}
      {role === "host" && (
        <MenuItem onSelect={() => guarded(meeting.setCohost(id, person.role !== "cohost"))}>
          {t(person.role === "cohost" ? "people.unmake-cohost" : "people.make-cohost")}
        </MenuItem>
      )}
      {mayRemove && (
        <MenuItem danger onSelect={() => guarded(meeting.removeParticipant(id))}>
          {t("people.remove")}
        </MenuItem>
      )}
    </>
  );
}
