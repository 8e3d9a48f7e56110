/** What keeps somebody from using a device, in their language. */

import type { Texts } from "../i18n/text";
import type { DeviceError } from "../meeting/devices";

export function deviceText(t: Texts["t"], device: DeviceError["device"], problem: DeviceError["problem"]): string {
  return t(`device.${problem}`, { device: t(`device.kind.${device}`) });
}
