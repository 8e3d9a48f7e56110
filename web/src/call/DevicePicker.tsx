/** Which microphone, camera and speaker; follows devices that come and go. */

import { useEffect, useState } from "react";

import { useTexts } from "../i18n/text";
import { listDevices, loadChoices, onDevicesChange, saveChoices } from "../meeting/devices";
import { playTestSound } from "../meeting/test-sound";
import { Button } from "../ui/Button";
import { SelectField } from "../ui/Field";
import { useNotices } from "../ui/notices";
import style from "./door.module.css";

type InputKind = "audioinput" | "videoinput";

/** `opened`: a device is open, so that the browser gives the names of all. */
export function DevicePicker({
  opened,
  onChoose,
}: {
  opened: boolean;
  onChoose: (kind: InputKind, deviceId: string) => void;
}) {
  const { t } = useTexts();
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([]);
  const [choices, setChoices] = useState(loadChoices);

  useEffect(() => {
    let current = true;
    const look = () => void listDevices().then((found) => current && setDevices(found));
    look();
    const stop = onDevicesChange(look);
    return () => {
      current = false;
      stop();
    };
  }, [opened]);

  const pick = (kind: MediaDeviceKind, label: string, chosen: string | null, choose: (id: string) => void) => {
    const ofKind = devices.filter((device) => device.kind === kind);
    if (devices.length === 0) return <Unknown key={kind} label={label} />;
    if (ofKind.length === 0) return null;
    return (
      <SelectField
        label={label}
        value={ofKind.some((device) => device.deviceId === chosen) ? (chosen ?? "") : (ofKind[0]?.deviceId ?? "")}
        onChange={(event) => {
          choose(event.target.value);
          setChoices(loadChoices());
        }}
      >
        {ofKind.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || t("device.unnamed", { number: index + 1 })}
          </option>
        ))}
      </SelectField>
    );
  };

  return (
    <div className={style.devices}>
      {pick("audioinput", t("device.microphone"), choices.microphoneId, (id) => onChoose("audioinput", id))}
      {pick("videoinput", t("device.camera"), choices.cameraId, (id) => onChoose("videoinput", id))}
      {pick("audiooutput", t("device.speaker"), choices.speakerId, (id) => {
        saveChoices({ speakerId: id });
        dispatchEvent(new Event(SPEAKER_CHANGED));
      })}
      <TestSound />
    </div>
  );
}

/** Keeps the place of a choice that the browser doesn't tell yet, so that nothing jumps when it does. */
function Unknown({ label }: { label: string }) {
  const { t } = useTexts();
  return (
    <SelectField label={label} disabled>
      <option>{t("device.default")}</option>
    </SelectField>
  );
}

function TestSound() {
  const { t } = useTexts();
  const { show } = useNotices();
  const [playing, setPlaying] = useState(false);
  const play = () => {
    setPlaying(true);
    playTestSound()
      .catch(() => show(t("device.test-failed")))
      .finally(() => setPlaying(false));
  };
  return (
    <Button small icon="speaker" disabled={playing} onClick={play}>
      {t("device.test-sound")}
    </Button>
  );
}

/** Told to the window when another speaker was chosen. */
export const SPEAKER_CHANGED = "parley:speaker";
