import { useState } from "react";

import { useTexts } from "../i18n/text";
import { ApiError } from "./api";

/** Runs one thing at a time that may be refused: whether it runs, and what went wrong, in words. */
export function useAction() {
  const { t } = useTexts();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const run = async (action: () => Promise<unknown>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await action();
    } catch (reason) {
      if (!(reason instanceof Error)) throw reason;
      setProblem(reason instanceof ApiError && reason.status === 0 ? t("app.offline") : reason.message);
    } finally {
      setBusy(false);
    }
  };

  return { busy, problem, run };
}
