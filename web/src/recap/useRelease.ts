import { type RefObject, useEffect } from "react";

/** Lets the connection of a media element go when it has no address any more or is gone: forgotten alone, it keeps it. */
export function useRelease(element: RefObject<HTMLMediaElement | null>, address: string | undefined): void {
  useEffect(() => {
    const media = element.current;
    return () => {
      if (media === null) return;
      if (!media.isConnected) media.removeAttribute("src");
      if (!media.hasAttribute("src")) media.load();
    };
  }, [element, address]);
}
