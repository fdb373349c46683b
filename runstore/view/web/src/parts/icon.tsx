// Small drawings beside words; they say nothing that a word or a label does not say.

const DRAWN = {
  workspace: "M3 3h4.5v4.5H3zM8.5 3H13v4.5H8.5zM3 8.5h4.5V13H3zM8.5 8.5H13V13H8.5z",
  experiments: "M6.5 2.5h3M7 2.5v4L3.5 12a1 1 0 0 0 .9 1.5h7.2a1 1 0 0 0 .9-1.5L9 6.5v-4M5 10h6",
  runs: "M2.5 12.5c2-7 4-7 5.5-3.5s3.5 2 5.5-5.500M2.5 13.500h11",
  compare: "M8 2.500v11M3 5h3M3 8h3M3 11h3M10 5h3M10 8h3M10 11h3",
  models: "M8 2.500l5 2.750v5.500L8 13.500l-5-2.750v-5.500zM3 5.25 8 8l5-2.750M8 8v5.5",
  sql: "M3 4.500C3 3.4 5.2 2.5 8 2.500s5 .9 5 2-2.2 2-5 2-5-.9-5-2v7c0 1.1 2.2 2 5 2s5-.9 5-2v-7M3 8c0 1.1 2.2 2 5 2s5-.9 5-2",
  sweeps: "M3.5 2.500v11M8 2.500v11M12.5 2.500v11M2 6h3M6.5 10h3M11 5h3",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  hidden: "M2.5 2.500l11 11M6.3 3.800A6 6 0 0 1 8 3.500c4 0 6.5 4.5 6.5 4.500a12 12 0 0 1-2 2.500M10.5 11.900A6 6 0 0 1 8 12.500C4 12.5 1.5 8 1.5 8a12 12 0 0 1 2.7-3.1",
  pin: "M9.5 2.500l4 4-2.5.5-2.5 2.5-.5 3-5-5 3-.500L8.5 4.500zM5.5 10.500l-3 3",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
  filter: "M2 3.500h12L9.5 8.500v4l-3 1v-5z",
  group: "M2.5 3.500h11M5 8h8.500M5 12.500h8.500M2.5 3.500v9",
  search: "M7 2.500a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.300l3.2 3.2",
  close: "M4 4l8 8M12 4l-8 8",
  edit: "M3 13l.6-2.900L10.700 3l2.300 2.300-7.100 7.100zM9.300 4.400l2.300 2.300",
  down: "M4 6l4 4 4-4",
  right: "M6 4l4 4-4 4",
  left: "M10 4L6 8l4 4",
  up: "M4 10l4-4 4 4",
  rise: "M8 13V3.500M4.5 7L8 3.5 11.5 7",
  fall: "M8 3v9.500M4.5 9L8 12.5 11.5 9",
  pause: "M5.5 3.500v9M10.5 3.500v9",
  play: "M5 3.500l7.5 4.500L5 12.500z",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.500v1.500M8 13v1.500M1.5 8H3M13 8h1.500M3.4 3.400l1 1M11.6 11.600l1 1M3.4 12.600l1-1M11.6 4.400l1-1",
  moon: "M13 9.500A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.500z",
  help: "M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.500M8 12v.200M8 1.500a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z",
  undo: "M5.5 3L2.5 6l3 3M2.5 6h7a4 4 0 0 1 0 8H6",
  redo: "M10.5 3l3 3-3 3M13.5 6h-7a4 4 0 0 0 0 8H10",
  more: "M3.5 8h.100M8 8h.100M12.5 8h.1",
  full: "M2.5 6v-3.500H6M10 2.500h3.500V6M13.5 10v3.500H10M6 13.500H2.500V10",
  tick: "M3 8.500l3.5 3.500L13 4.5",
  grip: "M6 4h.100M6 8h.100M6 12h.100M10 4h.100M10 8h.100M10 12h.1",
  invert: "M8 2v12M8 2a6 6 0 0 0 0 12M8 2a6 6 0 0 1 0 12M10 5h2.500M10 8h4M10 11h2.5",
  look: "M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M10 3.500a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM6 9.500a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
} as const;

export type IconName = keyof typeof DRAWN;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="rs-icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={DRAWN[name]} />
    </svg>
  );
}
