/** Short notices: shown for a few seconds and read out by assistive technology. Some are only read out. */

import { type ReactNode, createContext, useCallback, useContext, useMemo, useRef, useState } from "react";

import style from "./overlay.module.css";

const SHOWN_MS = 5_000;
const MOST = 3;

interface Notice {
  id: number;
  text: string;
  visible: boolean;
}

export interface Notices {
  /** Show and read out. */
  show: (text: string) => void;
  /** Read out only: what everyone else sees anyway. */
  announce: (text: string) => void;
}

const NoticeContext = createContext<Notices | null>(null);

export function NoticeProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const lastId = useRef(0);

  const add = useCallback((text: string, visible: boolean) => {
    const id = ++lastId.current;
    setNotices((before) => [...before.filter((one) => one.text !== text).slice(1 - MOST), { id, text, visible }]);
    setTimeout(() => setNotices((before) => before.filter((one) => one.id !== id)), SHOWN_MS);
  }, []);

  const value = useMemo<Notices>(
    () => ({ show: (text) => add(text, true), announce: (text) => add(text, false) }),
    [add],
  );

  return (
    <NoticeContext value={value}>
      {children}
      <div className={style.toasts} role="status" aria-live="polite">
        {notices.map((notice) => (
          <div key={notice.id} className={notice.visible ? style.toast : "visually-hidden"}>
            {notice.text}
          </div>
        ))}
      </div>
    </NoticeContext>
  );
}

export function useNotices(): Notices {
  const notices = useContext(NoticeContext);
  if (notices === null) throw new Error("useNotices needs a NoticeProvider");
  return notices;
}
