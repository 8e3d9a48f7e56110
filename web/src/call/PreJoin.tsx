/** Before the meeting: see and hear oneself, choose devices, say who one is, go in or knock. */

import { type FormEvent, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "react-router";

import { EffectsPicker } from "../effects/EffectsPicker";
import { useTexts } from "../i18n/text";
import { loadChoices, saveChoices } from "../meeting/devices";
import { rememberedGuest } from "../meeting/guest-token";
import { AcceptField } from "../pages/AcceptField";
import { Preflight } from "../preflight/Preflight";
import { hasWebRtc } from "../preflight/network";
import { MAX_NAME_CHARS, type MeetingInfo } from "../protocol.generated";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Icon } from "../ui/Icon";
import { DevicePicker } from "./DevicePicker";
import { LevelMeter } from "./LevelMeter";
import { ToggleButton } from "./ToggleButton";
import { Video } from "./Video";
import { useMeeting } from "./context";
import style from "./door.module.css";
import { usePreview } from "./usePreview";

export function PreJoin({ info }: { info: MeetingInfo }) {
  const { t, rich } = useTexts();
  const meeting = useMeeting();
  const preview = usePreview();
  const location = useLocation();
  const known = rememberedGuest(info.code);
  const isGuest = info.role === "guest";
  const asksName = isGuest && info.account_name === null;
  const [name, setName] = useState(() => known?.name || loadChoices().name);
  const [accepted, setAccepted] = useState(known !== null);
  const [problems, setProblems] = useState<{ name?: string; terms?: string }>({});
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (problems.name ?? problems.terms) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problems]);

  const join = (event: FormEvent) => {
    event.preventDefault();
    if (asksName) {
      const found = {
        ...(name.trim() === "" && { name: t("prejoin.name-missing") }),
        ...(!accepted && { terms: t("prejoin.terms-missing") }),
      };
      setProblems(found);
      if (found.name ?? found.terms) return;
      saveChoices({ name: name.trim() });
    }
    const entry = asksName ? { code: info.code, name: name.trim(), acceptTerms: true } : { code: info.code };
    const tracks = preview.take();
    meeting.join(entry, tracks);
    // Who is quicker than their devices still comes with them.
    if (preview.microphone.on && tracks.microphone === null) meeting.setMicrophone(true).catch(() => undefined);
    if (preview.camera.on && tracks.camera === null) meeting.setCamera(true).catch(() => undefined);
  };

  return (
    <div className={style.prejoin}>
      <section className={style.look}>
        <div className={style.preview}>
          {preview.camera.track ? (
            <Video track={preview.camera.track} mirrored label={t("prejoin.preview")} />
          ) : (
            <p>{t(preview.camera.on ? "prejoin.camera-starting" : "prejoin.camera-off")}</p>
          )}
          <div className={style.previewControls}>
            <ToggleButton
              icon={preview.microphone.on ? "microphone" : "microphone-off"}
              label={t("call.microphone")}
              on={preview.microphone.on}
              onClick={() => preview.set("microphone", !preview.microphone.on)}
            />
            <ToggleButton
              icon={preview.camera.on ? "camera" : "camera-off"}
              label={t("call.camera")}
              on={preview.camera.on}
              onClick={() => preview.set("camera", !preview.camera.on)}
            />
          </div>
        </div>
        <LevelMeter track={preview.microphone.track} />
        <DevicePicker
          opened={preview.microphone.track !== null || preview.camera.track !== null}
          onChoose={(kind, deviceId) =>
            preview.set(kind === "audioinput" ? "microphone" : "camera", true, deviceId)
          }
        />
        <EffectsPicker folded />
      </section>
      <form ref={form} className={style.entry} onSubmit={join} noValidate>
        <h1>{info.title}</h1>
        <p className="soft">{t("prejoin.host", { name: info.host })}</p>
        {info.recording && (
          <p className={style.recorded}>
            <Icon name="record" size={16} /> {t("prejoin.recorded")}
          </p>
        )}
        {asksName ? (
          <>
            <TextField
              label={t("account.name")}
              value={name}
              maxLength={MAX_NAME_CHARS}
              autoComplete="name"
              problem={problems.name}
              onChange={(event) => setName(event.target.value)}
            />
            {known === null && <AcceptField checked={accepted} onChange={setAccepted} problem={problems.terms} />}
          </>
        ) : (
          <p>{t("prejoin.member", { name: info.account_name ?? "" })}</p>
        )}
        <Preflight devices={preview} retry={(source) => preview.set(source, true)} />
        <Button type="submit" look="primary" disabled={!hasWebRtc()}>
          {t(isGuest && known === null ? "prejoin.ask" : "prejoin.join")}
        </Button>
        {isGuest && known === null && <p className="soft">{t("prejoin.guest")}</p>}
        {asksName && (
          <p className="soft">
            {rich("prejoin.sign-in", {
              link: (text) => <Link to={`/sign-in?next=${encodeURIComponent(location.pathname)}`}>{text}</Link>,
            })}
          </p>
        )}
      </form>
    </div>
  );
}
