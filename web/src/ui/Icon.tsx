/** The icons, drawn on a 24 by 24 grid with strokes of one width. */

const PATHS = {
  microphone: "M12 4a3 3 0 0 0-3 3v4a3 3 0 0 0 6 0V7a3 3 0 0 0-3-3ZM6 11a6 6 0 0 0 12 0M12 17v3M9 20h6",
  "microphone-off": "M9 9v2a3 3 0 0 0 4.8 2.4M15 11V7a3 3 0 0 0-5.6-1.5M6 11a6 6 0 0 0 9.3 5M18 11a6 6 0 0 1-.5 2.4M12 17v3M9 20h6M4 4l16 16",
  camera: "M4 8a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2ZM15 11l5-3v8l-5-3",
  "camera-off": "M9 6h4a2 2 0 0 1 2 2v3l5-3v8l-2-1.2M15 15.5V16a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 1-1.7M4 4l16 16",
  screen: "M4 6h16v10H4ZM9 20h6M12 16v4M12 13V9M9.8 11 12 8.8l2.2 2.2",
  chat: "M4 6a1 1 0 0 1 1-1h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H10l-4 4v-4H5a1 1 0 0 1-1-1ZM8 9h8M8 12h5",
  people: "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM3.5 19a5.5 5.5 0 0 1 11 0M16 11a2.6 2.6 0 1 0-1-5M17 14.2a5 5 0 0 1 3.5 4.8",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1",
  leave: "M10 5H6a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h4M14 8l4 4-4 4M18 12H9",
  end: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM9 9h6v6H9Z",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  settings: "M5 7h8M17 7h2M5 17h2M11 17h8M15 5v4M9 15v4M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v8H6Z",
  chart: "M5 19V5M5 19h14M9 16v-4M13 16V8M17 16v-6",
  send: "M5 12h13M13 7l5 5-5 5",
  plus: "M12 5v14M5 12h14",
  speaker: "M5 10v4h3l4 4V6l-4 4ZM15.500 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11",
  warning: "M12 5 4 19h16ZM12 10v4M12 16.600v.01",
  minus: "M5 12h14",
  fit: "M5 9V5h4M15 5h4v4M19 15v4h-4M9 19H5v-4",
  previous: "M14 7l-5 5 5 5",
  next: "M10 7l5 5-5 5",
  hand: "M8 12V6.500a1.500 1.500 0 0 1 3 0V11M11 10.500V5a1.500 1.500 0 0 1 3 0v6M14 11V6.500a1.500 1.500 0 0 1 3 0V14a6 6 0 0 1-6 6c-2.500 0-3.900-1.200-5-3.200L4.300 14a1.500 1.500 0 0 1 2.600-1.500L8 14",
  smile: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM9 10h.01M15 10h.01M8.500 14a4 4 0 0 0 7 0",
  check: "M5 12.500 10 17.500 19 7.500",
  pin: "M9 4h6l-1 6 3 3H7l3-3ZM12 13v7",
  pip: "M4 6h16v12H4ZM12 12h6v4h-6Z",
  expand: "M9 5H5v4M15 5h4v4M9 19H5v-4M15 19h4v-4",
  captions: "M4 6h16v12H4ZM10.500 10.500a2 2 0 1 0 0 3M16.500 10.500a2 2 0 1 0 0 3",
  list: "M9 7h10M9 12h10M9 17h10M5 7h.01M5 12h.01M5 17h.01",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 8v4l3 2",
  keyboard: "M3 7h18v10H3ZM7 11h.01M10.500 11h.01M14 11h.01M17 11h.01M8 14h8",
  grid: "M4 5h7v6H4ZM13 5h7v6h-7ZM4 13h7v6H4ZM13 13h7v6h-7Z",
  attach: "M8 12.500 13.500 7a2.500 2.500 0 0 1 3.500 3.500L10 17.500a4.200 4.200 0 0 1-6-6L11 4.500",
  download: "M12 5v9M8.500 11 12 14.500 15.500 11M5 19h14",
  weak: "M5 19v-3M10 19v-6M15 19V9M20 5l-4 4M16 5l4 4",
  play: "M8 5.500v13l10.500-6.500Z",
  pause: "M9 6v12M15 6v12",
  back: "M12 7 6 12l6 5ZM18 7l-6 5 6 5Z",
  forward: "M12 7l6 5-6 5ZM6 7l6 5-6 5Z",
  edit: "M5 19l1-4L16 5l3 3L9 18ZM14 7l3 3",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.500 1.500h-15ZM10 20h4",
  record: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10Z",
} as const;

export type IconName = keyof typeof PATHS;

/** Those that point to where reading goes on, or to where it came from: mirrored where it goes from right to left. */
const POINTING: ReadonlySet<IconName> = new Set(["leave", "send", "previous", "next", "back", "forward"]);

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={name === "record" ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={name === "more" ? 3 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      data-pointing={POINTING.has(name) || undefined}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
