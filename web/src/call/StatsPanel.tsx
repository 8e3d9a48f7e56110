/** What server and browser count, for whoever wants to know why it looks as it looks. */

import { useEffect, useState } from "react";

import { useTexts } from "../i18n/text";
import type { Stats } from "../protocol.generated";
import { Panel } from "./Panel";
import style from "./call.module.css";
import { useMeeting, useSnapshot } from "./context";

const EVERY_MS = 2_000;

export function StatsPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const meeting = useMeeting();
  const { people } = useSnapshot();
  const [stats, setStats] = useState<Stats | null>(null);
  const [sizes, setSizes] = useState<ReadonlyMap<string, string>>(new Map());

  useEffect(() => {
    let current = true;
    const look = () =>
      meeting.stats().then(
        ({ server, browser }) => {
          if (!current) return;
          setStats(server);
          setSizes(pictureSizes(browser.subscribe));
        },
        () => undefined, // away for a moment: the last figures stay
      );
    void look();
    const timer = setInterval(() => void look(), EVERY_MS);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [meeting]);

  const { remote } = useSnapshot();
  const nameOf = (id: string) => people.find((one) => one.participant_id === id)?.name ?? "";
  return (
    <Panel title={t("call.stats")} onClose={onClose}>
      <div className={style.scroll} tabIndex={0}>
        {stats?.transports.map((transport) => (
          <Figures
            key={transport.kind}
            title={`${t("stats.transport")}: ${transport.kind}, ${transport.state}`}
            rows={[
              [t("stats.path"), `${transport.protocol} ${transport.remote}`],
              [t("stats.encryption"), transport.srtp_profile],
              [t("stats.round-trip"), `${transport.rtt_ms.toFixed(0)} ms`],
              [t("stats.sending"), bitrate(transport.bitrate_in)],
              [t("stats.receiving"), bitrate(transport.bitrate_out)],
              ...(transport.kind === "subscribe"
                ? [[t("stats.estimate"), bitrate(transport.estimate_out)] as [string, string]]
                : []),
            ]}
          />
        ))}
        {stats?.producers.map((producer) => (
          <Figures
            key={producer.producer_id}
            title={`${t("stats.producer")}: ${producer.source}, ${producer.codec}`}
            rows={[
              [t("stats.sending"), producer.muted ? "–" : bitrate(producer.bitrate)],
              [t("stats.lost"), String(producer.lost)],
              ...(producer.layers.length > 0 ? [[t("stats.layer"), producer.layers.join(", ")] as [string, string]] : []),
            ]}
          />
        ))}
        {stats?.consumers.map((consumer) => {
          const track = remote.find((one) => one.consumerId === consumer.consumer_id);
          const size = track?.track ? sizes.get(track.track.id) : undefined;
          return (
            <Figures
              key={consumer.consumer_id}
              title={`${t("stats.consumer")}: ${track ? `${nameOf(track.participantId)}, ${track.source}, ` : ""}${consumer.codec}`}
              rows={[
                [t("stats.receiving"), consumer.paused ? "–" : bitrate(consumer.bitrate)],
                [t("stats.lost"), `${(consumer.fraction_lost * 100).toFixed(1)} %`],
                ...(consumer.layer ? [[t("stats.layer"), consumer.layer] as [string, string]] : []),
                ...(size ? [[t("stats.size"), size] as [string, string]] : []),
              ]}
            />
          );
        })}
        {stats?.transports.length === 0 && <p className="soft">{t("stats.none")}</p>}
      </div>
    </Panel>
  );
}

function Figures({ title, rows }: { title: string; rows: [string, string][] }) {
  return (
    <section className={style.section}>
      <h3>{title}</h3>
      <dl className={style.figures}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function bitrate(bits: number): string {
  return bits >= 1_000_000 ? `${(bits / 1_000_000).toFixed(2)} Mbit/s` : `${(bits / 1_000).toFixed(0)} kbit/s`;
}

function pictureSizes(report: RTCStatsReport | null): ReadonlyMap<string, string> {
  const sizes = new Map<string, string>();
  report?.forEach((entry: Record<string, unknown>) => {
    if (entry.type === "inbound-rtp" && entry.kind === "video" && entry.frameWidth !== undefined) {
      sizes.set(
        String(entry.trackIdentifier),
        `${String(entry.frameWidth)}×${String(entry.frameHeight)}, ${Number(entry.framesPerSecond ?? 0)} fps`,
      );
    }
  });
  return sizes;
}
