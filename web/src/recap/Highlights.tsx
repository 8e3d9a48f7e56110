/** Moments worth seeing; each can become a clip of its own. */

import { useEffect, useRef, useState } from "react";

import { queryClient } from "../app/queries";
import { asTime } from "../call/clock";
import { useRecapTexts } from "../i18n/recap";
import type { RecapMoment } from "../protocol.generated";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { useNotices } from "../ui/notices";
import { Jump } from "./Jump";
import { Part } from "./Summary";
import { freshLinks, keys, recapApi } from "./api";
import { useRecapView } from "./context";
import style from "./recap.module.css";
import { saveFrom } from "./save";
import { useMediaAddress } from "./useMediaAddress";
import { useRelease } from "./useRelease";

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
        {shown?.clip?.file && <ClipVideo file={shown.clip.file} title={shown.title} />}
      </Dialog>
    </Part>
  );
}

function Moment({ moment, show }: { moment: RecapMoment; show: () => void }) {
  const { t, word } = useRecapTexts();
  const notices = useNotices();
  const { recap, nameOf } = useRecapView();
  const { clip } = moment;
  const [asking, setAsking] = useState(false);
  const id = recap.recap_id;
  const named = (action: string) => t("clip.of", { action, title: moment.title });
  const fail = (reason: unknown) => notices.show(reason instanceof Error ? reason.message : String(reason));

  const make = () => {
    setAsking(true);
    recapApi
      .clip(id, moment.moment)
      .then((next) => queryClient.setQueryData(keys.recap(id), next))
      .catch(fail)
      .finally(() => setAsking(false));
  };
  const save = (file: string) => {
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
        {clip?.note && (
          <p className={style.clipNote} data-state={clip.state} role={clip.state === "failed" ? "alert" : undefined}>
            {clip.state === "failed" ? t("clip.failed", { reason: clip.note }) : t("clip.delayed", { reason: clip.note })}
          </p>
        )}
      </div>
      {clip?.file ? (
        <span className={style.clipTools}>
          <IconButton small icon="play" label={named(t("clip.play"))} onClick={show} />
          <IconButton small icon="download" label={named(t("download"))} onClick={() => save(clip.file ?? "")} />
        </span>
      ) : clip?.state === "waiting" || clip?.state === "running" ? (
        <span className={style.clipState} role="status" aria-label={named(word("stage-state", clip.state))}>
          {clip.progress > 0 ? t("progress.percent", { percent: Math.round(clip.progress * 100) }) : word("stage-state", clip.state)}
        </span>
      ) : (
        recap.state === "ready" && (
          <Button small disabled={asking} aria-label={named(t(clip ? "clip.again" : "clip.make"))} onClick={make}>
            {t(clip ? "clip.again" : "clip.make")}
          </Button>
        )
      )}
    </li>
  );
}

function ClipVideo({ file, title }: { file: string; title: string }) {
  const { t } = useRecapTexts();
  const { recap } = useRecapView();
  const { address, failed, onError } = useMediaAddress(file);
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (address === undefined) void freshLinks(recap.recap_id).catch(() => undefined); // it is newer than the links
  }, [address, recap.recap_id]);
  useRelease(video, address);
  return (
    <>
      <video ref={video} className={style.clip} src={address} controls autoPlay aria-label={title} onError={onError} />
      {failed && (
        <p className="error" role="alert">
          {t("player.problem", { names: title })}
        </p>
      )}
    </>
  );
}
