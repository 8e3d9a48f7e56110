/** The address of a media file: it stays while it works, and is asked for anew when it has ended. */

import { useEffect, useRef, useState } from "react";

import { freshLinks } from "./api";
import { useRecapView } from "./context";

/** A second failure so soon isn't the link's. */
const TOO_SOON_MS = 10_000;

export function useMediaAddress(file: string): { address: string | undefined; failed: boolean; onError: () => void } {
  const { recap, links } = useRecapView();
  const [address, setAddress] = useState<string | undefined>(links[file]);
  const [failed, setFailed] = useState(false);
  const renewed = useRef(-Infinity);
  const offered = links[file];

  useEffect(() => {
    if (address === undefined && offered !== undefined) setAddress(offered);
  }, [address, offered]);

  const onError = () => {
    if (Date.now() - renewed.current < TOO_SOON_MS) {
      setFailed(true);
      return;
    }
    renewed.current = Date.now();
    freshLinks(recap.recap_id)
      .then((urls) => {
        setFailed(urls[file] === undefined);
        setAddress(urls[file]);
      })
      .catch(() => setFailed(true));
  };
  return { address, failed, onError };
}
