/** Moments worth seeing; each can become a clip of its own. */

import { useEffect, useRef, useState } from "react";

import { asTime } from "../call/clock";
import { useRecapTexts } from "../i18n/recap";
import type { RecapMoment } from "../protocol.generated";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { useNotices } from "../ui/notices";
import { Jump } from "./Jump";
import { Part } from "./Summary";
import { freshLinks, recapApi } from "./api";
import { useRecapView } from "./context";
import { ASK_MS } from "./polling";
import style from "./recap.module.css";
import { saveFrom } from "./save";
import { useRelease } from "./useRelease";

/** A clip that isn't there by then is not waited for. */
const PATIENCE_MS = 120_000;

export function Highlights() {
  const { t } = useRecapTexts();
  const { recap } = useRecapView();
  const [shown, setShown] = useState<RecapMoment | null>(null);
  if (recap.moments.length === 0) return null;
  return (
    <Part title={t("moments")}>
      <ul className={style.moments}>
        {recap.moments.map((moment) => (
          <Moment key={moment.moment} moment={moment} show={() => setShown(moment)} />
        ))}
      </ul>
      <Dialog open={shown !== null} onClose={() => setShown(null)} title={shown?.title ?? ""}>
        {shown !== null && <ClipVideo moment={shown} />}
      </Dialog>
    </Part>
  );
}

const fileOf = (moment: RecapMoment) => `clip-${moment.moment}.mp4`;

function Moment({ moment, show }: { moment: RecapMoment; show: () => void }) {
  const { t, word } = useRecapTexts();
  const notices = useNotices();
  const { recap, links, nameOf } = useRecapView();
  const [making, setMaking] = useState(false);
  const id = recap.recap_id;
  const file = fileOf(moment);
  const there = links[file] !== undefined;
  const named = (action: string) => t("clip.of", { action, title: moment.title });
  const fail = (reason: unknown) => notices.show(reason instanceof Error ? reason.message : String(reason));

  useEffect(() => {
    if (there) setMaking(false);
  }, [there]);
  useEffect(() => {
    if (!making) return;
    const asking = setInterval(() => void freshLinks(id).catch(() => undefined), ASK_MS);
    const patience = setTimeout(() => {
      setMaking(false);
      notices.show(t("clip.failed"));
    }, PATIENCE_MS);
    return () => {
      clearInterval(asking);
      clearTimeout(patience);
    };
  }, [making, id, notices, t]);

  const make = () => {
    setMaking(true);
    recapApi.clip(id, moment.moment).catch((reason: unknown) => {
      setMaking(false);
      fail(reason);
    });
  };
  const save = () => {
    freshLinks(id)
      .then((urls) => urls[file] && saveFrom(`${urls[file]}?download=1`))
      .catch(fail);
  };
  return (
    <li className={style.item}>
      <div className={style.itemWords}>
        <p>{moment.title}</p>
        <p className={style.itemFacts}>
          <Jump at={moment.start} />
          <span className={style.kind}>{word("moment", moment.kind)}</span>
          <span>{asTime(moment.end - moment.start)}</span>
          {moment.people.length > 0 && <span>{moment.people.map(nameOf).join(", ")}</span>}
          {moment.in_reel && <span>{t("moment.in-reel")}</span>}
        </p>
      </div>
      {there ? (
        <span className={style.clipTools}>
          <IconButton small icon="play" label={named(t("clip.play"))} onClick={show} />
          <IconButton small icon="download" label={named(t("download"))} onClick={save} />
        </span>
      ) : (
        recap.state === "ready" && (
          <Button small disabled={making} aria-label={named(t(making ? "clip.making" : "clip.make"))} onClick={make}>
            {t(making ? "clip.making" : "clip.make")}
          </Button>
        )
      )}
    </li>
  );
}

function ClipVideo({ moment }: { moment: RecapMoment }) {
  const { links } = useRecapView();
  // The address it began with: a new one would start it anew.
  const [address] = useState(links[fileOf(moment)]);
  const video = useRef<HTMLVideoElement>(null);
  useRelease(video, address);
  return <video ref={video} className={style.clip} src={address} controls autoPlay aria-label={moment.title} />;
}
