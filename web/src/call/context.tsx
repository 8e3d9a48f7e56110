/** Gives the components of a call their meeting. */

import { createContext, useContext, useSyncExternalStore } from "react";

import type { Meeting, Snapshot } from "../meeting/state";

const MeetingContext = createContext<Meeting | null>(null);

export const MeetingProvider = MeetingContext;

export function useMeeting(): Meeting {
  const meeting = useContext(MeetingContext);
  if (meeting === null) throw new Error("useMeeting needs a MeetingProvider");
  return meeting;
}

/** The meeting as it is now; renders again when it changes. */
export function useSnapshot(): Snapshot {
  const meeting = useMeeting();
  return useSyncExternalStore(meeting.subscribe, meeting.getSnapshot);
}
