/** The check before the meeting: one calm line when all is well; else what is wrong, and how to mend it. */

import { useTexts } from "../i18n/text";
import type { DeviceProblem } from "../meeting/devices";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { browserFamily } from "./browser";
import { hasWebRtc } from "./network";
import style from "./preflight.module.css";
import { useNetworkCheck } from "./usePreflight";
import { type Finding, type Network, type Source, verdict } from "./verdict";

/** A device as the page before the meeting has it. */
export interface CheckedDevice {
  on: boolean;
  track: MediaStreamTrack | null;
  problem: DeviceProblem | null;
}

export function Preflight({
  devices,
  retry,
}: {
  devices: Readonly<Record<Source, CheckedDevice>>;
  /** Try to open that device once more. */
  retry: (source: Source) => void;
}) {
  const { t } = useTexts();
  const { network, again } = useNetworkCheck();
  const { microphone, camera } = devices;
  const findings = verdict({
    secure: isSecureContext,
    webrtc: hasWebRtc(),
    browser: browserFamily(navigator.userAgent),
    network,
    devices: { microphone: microphone.problem, camera: camera.problem },
  });
  const checkAgain = () => {
    for (const source of ["microphone", "camera"] as const) if (devices[source].problem !== null) retry(source);
    again();
  };
  if (findings.length === 0) return <Calm network={network} devices={[microphone, camera]} />;
  return (
    <section className={style.findings} aria-label={t("preflight.title")}>
      <ul role="alert" className={style.list}>
        {findings.map((finding) => (
          <Item key={finding.id} finding={finding} target={network?.target ?? ""} />
        ))}
      </ul>
      <Button small onClick={checkAgain} disabled={network === null}>
        {t(network === null ? "preflight.checking" : "preflight.again")}
      </Button>
    </section>
  );
}

function Calm({ network, devices }: { network: Network | null; devices: readonly CheckedDevice[] }) {
  const { t } = useTexts();
  const asked = devices.some((device) => device.on && device.track === null);
  const text =
    network === null
      ? "preflight.checking"
      : asked
        ? "preflight.asking"
        : network.udp === "unknown"
          ? "preflight.unchecked"
          : devices.some((device) => device.on)
            ? "preflight.ready"
            : "preflight.ready.no-devices";
  return (
    <p role="status" className={style.calm}>
      {network !== null && !asked && <Icon name="check" size={16} />} {t(text)}
    </p>
  );
}

function Item({ finding, target }: { finding: Finding; target: string }) {
  const { t } = useTexts();
  const device = t(finding.devices.length === 2 ? "preflight.both" : `device.${finding.devices[0] ?? "camera"}`);
  return (
    <li data-finding={finding.id} data-weight={finding.weight}>
      <Icon name="warning" />
      <div>
        <strong>{t(finding.problem, { device })}</strong>
        <p>{t(finding.remedy, { device, target, host: location.host })}</p>
      </div>
    </li>
  );
}
