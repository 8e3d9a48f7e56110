/** What is shown when a page breaks: a word and a way on, instead of an empty window. */

import { Component, type ReactNode } from "react";

import { useTexts } from "../i18n/text";
import { Button } from "../ui/Button";

export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { t } = useTexts();
  return (
    <main className="stack" style={{ margin: "auto", padding: "1.5rem", justifyItems: "center" }}>
      <h1>{t("app.failed")}</h1>
      <p>{t("app.failed.detail")}</p>
      <Button look="primary" onClick={() => location.reload()}>
        {t("app.reload")}
      </Button>
    </main>
  );
}
