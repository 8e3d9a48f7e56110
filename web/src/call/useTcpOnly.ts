import { useEffect, useState } from "react";

import { useMeeting } from "./context";

const LOOK_MS = 5_000;

/** Whether media goes over TCP, which it does only where UDP doesn't get through. */
export function useTcpOnly(): boolean {
  const meeting = useMeeting();
  const [tcp, setTcp] = useState(false);
  useEffect(() => {
    let current = true;
    const look = () => void meeting.usesTcp().then((uses) => current && setTcp(uses));
    const timer = setInterval(look, LOOK_MS);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [meeting]);
  return tcp;
}
