// The drawings on a chart's buttons.

const PATHS = {
  log: "M3 13V3 M3 13H13 M4.5 12C8 12 11 9 12 3.5",
  reset: "M4 8a4.2 4.2 0 1 0 1.4-3.1 M5.6 2.2V5h2.9",
  full: "M3 6V3h3 M10 3h3v3 M13 10v3h-3 M6 13H3v-3",
  table: "M2.5 3.5h11v9h-11z M2.5 6.5h11 M6.5 3.5v9",
  more: "M8 3.4v.2 M8 7.9v.2 M8 12.4v.2",
  close: "M4 4l8 8 M12 4l-8 8",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  const width = name === "more" ? 2.2 : 1.5;
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width={width} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
