/** Inside the meeting: stage, panels and the bar of controls. */

import { useState } from "react";

import { useEffectNotices } from "../effects/troubles";
import { useTexts } from "../i18n/text";
import { decides } from "../meeting/room-state";
import type { Snapshot } from "../meeting/state";
import type { MeetingInfo } from "../protocol.generated";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { AgendaPanel } from "./AgendaPanel";
import { CaptionPanel, useCaptions } from "./CaptionPanel";
import { ChatPanel } from "./ChatPanel";
import { Clock } from "./Clock";
import { Controls, DeviceToggles, type PanelName } from "./Controls";
import { KnockBanner } from "./Knocks";
import { PeoplePanel } from "./PeoplePanel";
import { useSpokenReactions } from "./Reactions";
import { RecordingIndicator, RecordingTroubleBanner, StartRecordingDialog, useRecordingNews } from "./Recording";
import { SettingsDialog } from "./SettingsDialog";
import { ShortcutHelp } from "./ShortcutHelp";
import { Sound } from "./Sound";
import { Stage, useMainPicture } from "./Stage";
import { StatsPanel } from "./StatsPanel";
import { EndButton } from "./ToggleButton";
import { Video } from "./Video";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";
import { deviceText } from "./device-text";
import { useAnnouncements } from "./useAnnouncements";
import { useGuarded } from "./useGuarded";
import { usePictureInPicture } from "./usePictureInPicture";
import { useShortcuts } from "./useShortcuts";
import { useTcpOnly } from "./useTcpOnly";
import { useUnread } from "./useUnread";
import { ViewProvider } from "./view";

export function Call({ info }: { info: MeetingInfo }) {
  return (
    <ViewProvider>
      <Room info={info} />
    </ViewProvider>
  );
}

function Room({ info }: { info: MeetingInfo }) {
  const meeting = useMeeting();
  const guarded = useGuarded();
  const snapshot = useSnapshot();
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [dialog, setDialog] = useState<"settings" | "shortcuts" | "recording" | null>(null);
  const unread = useUnread(snapshot.chat, snapshot.selfId, panel === "chat");
  const captions = useCaptions(meeting);
  const pip = usePictureInPicture();
  const close = () => setPanel(null);
  const togglePanel = (name: PanelName) => setPanel((open) => (open === name ? null : name));
  const isOn = (source: "microphone" | "camera" | "screen") => snapshot.local[source]?.on ?? false;
  const hand = snapshot.people.find((one) => one.isSelf)?.hand_raised_at != null;

  useAnnouncements(snapshot, panel === "chat");
  useSpokenReactions();
  useRecordingNews(snapshot.meeting?.recording ?? null);
  useEffectNotices();
  useShortcuts({
    microphone: () => guarded(meeting.setMicrophone(!isOn("microphone"))),
    camera: () => guarded(meeting.setCamera(!isOn("camera"))),
    screen: () => guarded(meeting.setScreenShare(!isOn("screen"))),
    hand: () => guarded(meeting.raiseHand(!hand)),
    chat: () => togglePanel("chat"),
    people: () => togglePanel("people"),
    help: () => setDialog("shortcuts"),
    talk: usePushToTalk(isOn("microphone"), (on) => guarded(meeting.setMicrophone(on))),
  });

  return (
    <div className={style.call}>
      <Head info={info} />
      <main className={style.body}>
        <div className={style.middle}>
          <Banners snapshot={snapshot} peopleOpen={panel === "people"} showPeople={() => setPanel("people")} />
          <Stage />
        </div>
        {panel === "chat" && <ChatPanel onClose={close} />}
        {panel === "people" && <PeoplePanel onClose={close} />}
        {panel === "stats" && <StatsPanel onClose={close} />}
        {panel === "agenda" && <AgendaPanel onClose={close} />}
        {panel === "captions" && <CaptionPanel captions={captions} onClose={close} />}
      </main>
      <Controls
        code={info.code}
        panel={panel}
        unread={unread}
        togglePanel={togglePanel}
        openSettings={() => setDialog("settings")}
        openShortcuts={() => setDialog("shortcuts")}
        openRecording={() => setDialog("recording")}
        pictureInPicture={pip.available ? () => guarded(pip.toggle()) : null}
      />
      {pip.portal(<SmallWindow />)}
      <SettingsDialog open={dialog === "settings"} onClose={() => setDialog(null)} />
      <StartRecordingDialog open={dialog === "recording"} onClose={() => setDialog(null)} />
      <ShortcutHelp open={dialog === "shortcuts"} onClose={() => setDialog(null)} />
      <Sound />
    </div>
  );
}

/** Holding the space bar turns a microphone on that is off, for as long as it is held. */
function usePushToTalk(on: boolean, set: (on: boolean) => void): (held: boolean) => void {
  const [pushed, setPushed] = useState(false);
  return (held) => {
    if (held ? on : !pushed) return;
    setPushed(held);
    set(held);
  };
}

function Head({ info }: { info: MeetingInfo }) {
  const { t } = useTexts();
  const { meeting } = useSnapshot();
  return (
    <header className={style.head}>
      <h1 className={style.title}>{meeting?.title ?? info.title}</h1>
      <RecordingIndicator />
      {meeting?.locked && (
        <span className={style.mark} title={t("call.locked")}>
          <Icon name="lock" size={16} />
          <span className="visually-hidden">{t("call.locked")}</span>
        </span>
      )}
      <Clock />
    </header>
  );
}

/** What the picture-in-picture window shows. */
function SmallWindow() {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  const main = useMainPicture();
  const track = main === null ? null : (main.own ?? (main.remote?.muted ? null : (main.remote?.track ?? null)));
  return (
    <div className={style.small}>
      <div className={style.smallPicture}>
        {track === null ? (
          <p>{main?.person.name}</p>
        ) : (
          <Video track={track} whole label={main?.person.name} source={main?.source} />
        )}
      </div>
      <div className={style.group}>
        <DeviceToggles />
        <EndButton icon="leave" label={t("call.leave")} onClick={() => guarded(meeting.leave())} />
      </div>
    </div>
  );
}

function Banners({
  snapshot,
  peopleOpen,
  showPeople,
}: {
  snapshot: Snapshot;
  peopleOpen: boolean;
  showPeople: () => void;
}) {
  const { t } = useTexts();
  const { link, local, people, role } = snapshot;
  const tcpOnly = useTcpOnly();
  return (
    <div className={style.banners}>
      {link.state === "reconnecting" && (
        <p className={style.banner} role="alert">
          <Icon name="warning" /> {t("call.reconnecting")}
        </p>
      )}
      {link.state === "poor" && (
        <p className={style.banner} role="status">
          <Icon name="warning" /> {t(`call.poor.${link.reason}`)}
        </p>
      )}
      {tcpOnly && link.state === "good" && (
        <p className={style.banner} role="status">
          <Icon name="warning" /> {t("call.no-udp")}
        </p>
      )}
      {local.screen?.on && <SharingBanner />}
      <RecordingTroubleBanner />
      <DeviceTroubles snapshot={snapshot} />
      {decides(role) && !peopleOpen && <KnockBanner showPeople={showPeople} />}
      {people.length === 1 && link.state === "good" && (
        <p className={style.hint} role="status">
          {t("call.alone")}
        </p>
      )}
    </div>
  );
}

function SharingBanner() {
  const { t } = useTexts();
  const meeting = useMeeting();
  const guarded = useGuarded();
  return (
    <div className={style.banner}>
      <p>{t("call.your-screen")}</p>
      <Button small onClick={() => guarded(meeting.setScreenShare(false))}>
        {t("call.stop-sharing")}
      </Button>
    </div>
  );
}

function DeviceTroubles({ snapshot }: { snapshot: Snapshot }) {
  const { t } = useTexts();
  return (["microphone", "camera"] as const).map((source) => {
    const problem = snapshot.local[source]?.problem;
    if (!problem) return null;
    return (
      <p key={source} className={style.banner} role="alert">
        <Icon name="warning" /> {deviceText(t, source, problem)}
      </p>
    );
  });
}
