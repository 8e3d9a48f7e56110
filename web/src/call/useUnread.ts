import { useEffect, useState } from "react";

import type { ChatMessage } from "../protocol.generated";

/** How many messages of others came since the chat was last open. */
export function useUnread(chat: readonly ChatMessage[], selfId: string | null, open: boolean): number {
  const [seen, setSeen] = useState(chat.length);
  useEffect(() => {
    if (open || chat.length < seen) setSeen(chat.length);
  }, [open, chat.length, seen]);
  return open ? 0 : chat.slice(seen).filter((message) => message.participant_id !== selfId).length;
}
