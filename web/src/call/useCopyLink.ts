import { useTexts } from "../i18n/text";
import { useNotices } from "../ui/notices";

/** Copies the meeting's link and says so; where the browser forbids it, shows the link to copy by hand. */
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
