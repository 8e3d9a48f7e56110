import { useEffect } from "react";

/** What the window is called while this page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "Parley" ? title : `${title} · Parley`;
  }, [title]);
}
