/** Runs the check by itself when the page comes up, and again when asked. */

import { useCallback, useEffect, useState } from "react";

import { measureNetwork } from "./network";
import type { Network } from "./verdict";

/** network: null while it is being measured. */
export function useNetworkCheck(): { network: Network | null; again: () => void } {
  const [turn, setTurn] = useState(0);
  const [network, setNetwork] = useState<Network | null>(null);
  useEffect(() => {
    const gone = new AbortController();
    measureNetwork(gone.signal).then(setNetwork, () => undefined);
    return () => gone.abort();
  }, [turn]);
  const again = useCallback(() => {
    setNetwork(null);
    setTurn((before) => before + 1);
  }, []);
  return { network, again };
}
