import { useCallback } from "react";

import { useTexts } from "../i18n/text";
import { DeviceError } from "../meeting/devices";
import { RequestError } from "../meeting/state";
import { useNotices } from "../ui/notices";
import { deviceText } from "./device-text";

/** Shows in words why something that was asked of the meeting didn't happen. */
export function useGuarded(): (done: Promise<unknown>) => void {
  const { errorText, t } = useTexts();
  const { show } = useNotices();
  return useCallback(
    (done) => {
      done.catch((reason: unknown) => {
        if (reason instanceof RequestError) show(errorText(reason.code, reason.message));
        else if (reason instanceof DeviceError) show(deviceText(t, reason.device, reason.problem));
        else show(t("app.failed"));
      });
    },
    [errorText, show, t],
  );
}
