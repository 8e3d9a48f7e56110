/** The operator's terms and privacy policy, written in Markdown. */

import { useQuery } from "@tanstack/react-query";
import Markdown from "react-markdown";

import { Loading } from "../app/Loading";
import { api } from "../app/api";
import { useTitle } from "../app/useTitle";
import { useTexts } from "../i18n/text";
import style from "./pages.module.css";

export default function TextPage({ name }: { name: "terms" | "privacy" }) {
  const { t } = useTexts();
  const { data, isError } = useQuery({ queryKey: ["page", name], queryFn: () => api.page(name), staleTime: 60_000 });
  useTitle(data?.title ?? t(`footer.${name}`));
  if (isError) return <p className="error">{t("app.offline")}</p>;
  if (data === undefined) return <Loading />;
  return (
    <article className={`card ${style.prose}`}>
      <Markdown>{data.markdown}</Markdown>
    </article>
  );
}
