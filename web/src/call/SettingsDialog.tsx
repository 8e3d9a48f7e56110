import { Preferences } from "../app/Layout";
import { EffectsPicker } from "../effects/EffectsPicker";
import { useTexts } from "../i18n/text";
import { Dialog } from "../ui/Dialog";
import { DevicePicker } from "./DevicePicker";
import { useMeeting } from "./context";
import { useGuarded } from "./useGuarded";

/** Devices, their effects, language and appearance, changed in the middle of a meeting. */
export function SettingsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  return (
    <Dialog open={open} onClose={onClose} title={t("app.settings")}>
      <DevicePicker opened={open} onChoose={(kind, deviceId) => guarded(meeting.useDevice(kind, deviceId))} />
      <EffectsPicker />
      <Preferences />
    </Dialog>
  );
}
