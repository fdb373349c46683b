// Everything that can be taken out of a chart.

import type { Source } from "../data/source";
import { csv, fileName, png, save, svg, type Drawn } from "./export";
import { python, sql, type Asking } from "./statements";

/** What the page around a chart does for it. */
export interface Host {
  /** How the workspace is opened from elsewhere. */
  path(): Promise<string>;
  /** Say something for a while. */
  say(text: string, bad?: boolean): void;
}

export const WAYS = {
  copy: "Copy the picture",
  png: "Picture as PNG",
  svg: "Picture as SVG",
  csv: "What is drawn as CSV",
  parquet: "Every point as Parquet",
  python: "Copy as Python",
  sql: "Copy as SQL",
} as const;

export type Way = keyof typeof WAYS;

/** Do it, and say what became of it. */
export async function take(way: Way, drawn: Drawn, asked: Asking, source: Source, host: Host): Promise<void> {
  try {
    await TAKEN[way](drawn, asked, source, host);
  } catch (error) {
    const denied = (error as Error).name === "NotAllowedError";
    host.say(denied ? "The browser doesn't let the page copy" : `${WAYS[way]}: ${(error as Error).message}`, true);
  }
}

type Taking = (drawn: Drawn, asked: Asking, source: Source, host: Host) => Promise<void> | void;

const TAKEN: Record<Way, Taking> = {
  copy: async (drawn, _, __, host) => {
    // The picture as a promise: the browser wants to be asked at once, while it knows that somebody clicked.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png(svg(drawn)) })]);
    host.say("The picture is copied");
  },
  png: async (drawn) => save(fileName(drawn.title, "png"), await png(svg(drawn))),
  svg: (drawn) => save(fileName(drawn.title, "svg"), svg(drawn), "image/svg+xml"),
  csv: (drawn) => save(fileName(drawn.title, "csv"), csv(drawn.title, drawn.kind, drawn.curves, drawn.x), "text/csv"),
  parquet: async (drawn, asked, source) => {
    const { metric, runs, experiment, where, group } = asked;
    const whose = group === null ? { runs } : { experiment, where };
    const { url, free } = await source.file("points", { metric, ...whose, system: asked.source === "system" || null });
    const link = document.createElement("a");
    link.href = url;
    link.download = fileName(drawn.title, "parquet");
    link.click();
    setTimeout(free, 60_000);
  },
  python: async (_, asked, __, host) => {
    await navigator.clipboard.writeText(python(await host.path(), asked));
    host.say("Copied as Python");
  },
  sql: async (_, asked, __, host) => {
    await navigator.clipboard.writeText(sql(asked));
    host.say("Copied as SQL");
  },
};
