/** The bar of controls. Toggles keep their names and show their state. */

import { useEffect, useState } from "react";

import { useTexts } from "../i18n/text";
import { decides } from "../meeting/room-state";
import { Menu, MenuItem } from "../ui/Menu";
import { RecordingItems } from "./Recording";
import { ReactionMenu } from "./Reactions";
import { BarButton, EndButton, ToggleButton } from "./ToggleButton";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";
import { useCopyLink } from "./useCopyLink";
import { useGuarded } from "./useGuarded";
import { useView } from "./view";

export type PanelName = "chat" | "people" | "stats" | "agenda" | "captions";

interface ControlsProps {
  code: string;
  panel: PanelName | null;
  unread: number;
  togglePanel: (name: PanelName) => void;
  openSettings: () => void;
  openShortcuts: () => void;
  openRecording: () => void;
  pictureInPicture: (() => void) | null;
}

export function Controls(props: ControlsProps) {
  const { t } = useTexts();
  const { code, panel, unread, togglePanel } = props;
  const meeting = useMeeting();
  const guarded = useGuarded();
  const copyLink = useCopyLink(code);
  const { knocks, people, role } = useSnapshot();
  const hand = people.find((one) => one.isSelf)?.hand_raised_at != null;

  return (
    <nav className={style.controls} aria-label={t("call.controls")}>
      <div className={style.group}>
        <DeviceToggles />
        <ScreenToggle />
      </div>
      <div className={style.group}>
        <ToggleButton
          icon="hand"
          label={t("hand.raise")}
          on={hand}
          onClick={() => guarded(meeting.raiseHand(!hand))}
        />
        <ReactionMenu />
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
        <BarButton icon="link" label={t("call.copy-link")} onClick={copyLink} />
        <MoreMenu {...props} />
      </div>
      <div className={style.group}>
        <EndButton icon="leave" label={t("call.leave")} onClick={() => guarded(meeting.leave())} />
        {decides(role) && (
          <EndButton icon="end" label={t("call.end")} onClick={() => guarded(meeting.endForAll())} />
        )}
      </div>
    </nav>
  );
}

/** Microphone and camera; picture-in-picture shows them too. */
export function DeviceToggles() {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const { local } = useSnapshot();
  const microphone = local.microphone?.on ?? false;
  const camera = local.camera?.on ?? false;
  return (
    <>
      <ToggleButton
        icon={microphone ? "microphone" : "microphone-off"}
        label={t("call.microphone")}
        on={microphone}
        redWhenOff
        onClick={() => guarded(meeting.setMicrophone(!microphone))}
      />
      <ToggleButton
        icon={camera ? "camera" : "camera-off"}
        label={t("call.camera")}
        on={camera}
        redWhenOff
        onClick={() => guarded(meeting.setCamera(!camera))}
      />
    </>
  );
}

function ScreenToggle() {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const screen = useSnapshot().local.screen?.on ?? false;
  if (typeof navigator.mediaDevices?.getDisplayMedia !== "function") return null;
  return (
    <ToggleButton
      icon="screen"
      label={t("call.screen")}
      on={screen}
      onClick={() => guarded(meeting.setScreenShare(!screen))}
    />
  );
}

function MoreMenu({ togglePanel, openSettings, openShortcuts, openRecording, pictureInPicture }: ControlsProps) {
  const { t } = useTexts();
  const view = useView();
  const fullScreen = useFullScreen();
  return (
    <Menu trigger={<BarButton icon="more" label={t("call.more")} />}>
      <RecordingItems start={openRecording} />
      <MenuItem onSelect={() => view.change({ layout: view.layout === "grid" ? "speaker" : "grid" })}>
        {t(view.layout === "grid" ? "more.speaker" : "more.grid")}
      </MenuItem>
      <MenuItem onSelect={() => view.change({ hideSelf: !view.hideSelf })}>
        {t(view.hideSelf ? "more.show-self" : "more.hide-self")}
      </MenuItem>
      <MenuItem onSelect={() => view.change({ audioOnly: !view.audioOnly })}>
        {t(view.audioOnly ? "more.with-video" : "more.audio-only")}
      </MenuItem>
      {document.fullscreenEnabled && (
        <MenuItem onSelect={fullScreen.toggle}>
          {t(fullScreen.on ? "more.leave-full-screen" : "more.full-screen")}
        </MenuItem>
      )}
      {pictureInPicture !== null && <MenuItem onSelect={pictureInPicture}>{t("more.pip")}</MenuItem>}
      <MenuItem onSelect={() => togglePanel("agenda")}>{t("more.agenda")}</MenuItem>
      <MenuItem onSelect={() => togglePanel("captions")}>{t("more.captions")}</MenuItem>
      <MenuItem onSelect={() => togglePanel("stats")}>{t("call.stats")}</MenuItem>
      <MenuItem onSelect={openShortcuts}>{t("more.shortcuts")}</MenuItem>
      <MenuItem onSelect={openSettings}>{t("app.settings")}</MenuItem>
    </Menu>
  );
}

function useFullScreen(): { on: boolean; toggle: () => void } {
  const [on, setOn] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const look = () => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);
  const toggle = () => {
    const done = on ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    done.catch(() => undefined); // the browser's own to refuse, and it says so
  };
  return { on, toggle };
}
