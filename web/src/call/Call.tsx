/** Inside the meeting: stage, panels and the bar of controls. */

import { useState } from "react";

import { useTexts } from "../i18n/text";
import { decides } from "../meeting/room-state";
import type { Snapshot } from "../meeting/state";
import type { MeetingInfo } from "../protocol.generated";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { useNotices } from "../ui/notices";
import { ChatPanel } from "./ChatPanel";
import { Controls, type PanelName } from "./Controls";
import { DeviceDialog } from "./DeviceDialog";
import { KnockBanner } from "./Knocks";
import { PeoplePanel } from "./PeoplePanel";
import { Sound } from "./Sound";
import { Stage } from "./Stage";
import { StatsPanel } from "./StatsPanel";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";
import { useAnnouncements } from "./useAnnouncements";
import { useGuarded } from "./useGuarded";
import { useUnread } from "./useUnread";

export function Call({ info }: { info: MeetingInfo }) {
  const { t } = useTexts();
  const snapshot = useSnapshot();
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [devices, setDevices] = useState(false);
  const unread = useUnread(snapshot.chat, snapshot.selfId, panel === "chat");
  useAnnouncements(snapshot, panel === "chat");
  const close = () => setPanel(null);

  return (
    <div className={style.call}>
      <header className={style.head}>
        <h1 className={style.title}>{snapshot.meeting?.title ?? info.title}</h1>
        {snapshot.meeting?.recording && (
          <span className={style.recording}>
            <Icon name="record" size={14} /> {t("call.recording")}
          </span>
        )}
        {snapshot.meeting?.locked && (
          <span className={style.mark}>
            <Icon name="lock" size={16} /> {t("call.locked")}
          </span>
        )}
      </header>
      <main className={style.body}>
        <div className={style.middle}>
          <Banners snapshot={snapshot} peopleOpen={panel === "people"} showPeople={() => setPanel("people")} />
          <Stage />
        </div>
        {panel === "chat" && <ChatPanel onClose={close} />}
        {panel === "people" && <PeoplePanel onClose={close} />}
        {panel === "stats" && <StatsPanel onClose={close} />}
      </main>
      <Controls
        code={info.code}
        panel={panel}
        unread={unread}
        togglePanel={(name) => setPanel((open) => (open === name ? null : name))}
        openDevices={() => setDevices(true)}
      />
      <DeviceDialog open={devices} onClose={() => setDevices(false)} />
      <Sound />
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
      {local.screen?.on && <SharingBanner />}
      <DeviceTroubles snapshot={snapshot} />
      {decides(role) && !peopleOpen && <KnockBanner showPeople={showPeople} />}
      {people.length === 1 && link.state === "good" && <AloneBanner />}
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
        <Icon name="warning" /> {t(`device.${problem}`, { device: t(`device.kind.${source}`) })}
      </p>
    );
  });
}

function AloneBanner() {
  const { t } = useTexts();
  return (
    <p className={style.hint} role="status">
      {t("call.alone")}
    </p>
  );
}

/** Copies the meeting's link and says so. */
export function useCopyLink(code: string): () => void {
  const { t } = useTexts();
  const { show } = useNotices();
  const link = `${location.origin}/m/${code}`;
  return () => {
    const copied = navigator.clipboard?.writeText(link) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => show(t("call.copied")),
      () => show(t("call.copy-failed", { link })),
    );
  };
}
