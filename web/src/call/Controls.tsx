/** The bar of controls. Toggles keep their names and show their state. */

import { useTexts } from "../i18n/text";
import { decides } from "../meeting/room-state";
import { useCopyLink } from "./Call";
import { ToggleButton } from "./ToggleButton";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";
import { useGuarded } from "./useGuarded";

export type PanelName = "chat" | "people" | "stats";

export function Controls({
  code,
  panel,
  unread,
  togglePanel,
  openDevices,
}: {
  code: string;
  panel: PanelName | null;
  unread: number;
  togglePanel: (name: PanelName) => void;
  openDevices: () => void;
}) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const copyLink = useCopyLink(code);
  const { local, knocks, people, role } = useSnapshot();
  const microphone = local.microphone?.on ?? false;
  const camera = local.camera?.on ?? false;
  const screen = local.screen?.on ?? false;
  const canShare = typeof navigator.mediaDevices?.getDisplayMedia === "function";

  return (
    <nav className={style.controls} aria-label={t("call.controls")}>
      <div className={style.group}>
        <ToggleButton
          icon={microphone ? "microphone" : "microphone-off"}
          label={t("call.microphone")}
          on={microphone}
          danger="off"
          onClick={() => guarded(meeting.setMicrophone(!microphone))}
        />
        <ToggleButton
          icon={camera ? "camera" : "camera-off"}
          label={t("call.camera")}
          on={camera}
          danger="off"
          onClick={() => guarded(meeting.setCamera(!camera))}
        />
        {canShare && (
          <ToggleButton
            icon="screen"
            label={t("call.screen")}
            on={screen}
            onClick={() => guarded(meeting.setScreenShare(!screen))}
          />
        )}
      </div>
      <div className={style.group}>
        <ToggleButton
          icon="chat"
          label={t("call.chat")}
          on={panel === "chat"}
          badge={unread}
          description={unread ? t("call.unread", { count: unread }) : undefined}
          onClick={() => togglePanel("chat")}
        />
        <ToggleButton
          icon="people"
          label={t("call.people")}
          on={panel === "people"}
          badge={knocks.length || people.length}
          description={knocks.length ? t("call.waiting", { count: knocks.length }) : undefined}
          onClick={() => togglePanel("people")}
        />
        <ToggleButton icon="link" label={t("call.copy-link")} onClick={copyLink} />
        <ToggleButton icon="settings" label={t("app.settings")} onClick={openDevices} />
        <ToggleButton
          icon="chart"
          label={t("call.stats")}
          on={panel === "stats"}
          onClick={() => togglePanel("stats")}
        />
      </div>
      <div className={style.group}>
        <ToggleButton icon="leave" label={t("call.leave")} danger="always" onClick={() => guarded(meeting.leave())} />
        {decides(role) && (
          <ToggleButton icon="end" label={t("call.end")} danger="always" onClick={() => guarded(meeting.endForAll())} />
        )}
      </div>
    </nav>
  );
}
