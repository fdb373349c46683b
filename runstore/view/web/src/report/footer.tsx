// What a report says about itself: when it was made, of what, how fine its curves are, and its points to take away.

import { save } from "../chart/export";
import { bytes } from "../data/embedded/blocks";
import { dark } from "../theme/scheme";

export interface About {
  title: string;
  made: string;
  version: string;
  workspace: string;
  runs: number;
  buckets: number;
  curves: number;
  points: number;
  notes: string[];
}

/** Parquet by the name of its file, in base64. */
export type Parquet = Record<string, string>;

const TYPE = "application/vnd.apache.parquet";

export function Footer({ about, parquet }: { about: About; parquet: Parquet | null }) {
  const counted = (n: number, one: string): string => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
  return (
    <div class="rs rs-report" data-theme={dark.value ? "dark" : "light"}>
      <p>
        <strong>Report</strong> of {counted(about.runs, "run")} of {about.workspace}, made{" "}
        <time dateTime={about.made}>{about.made.replace("T", " ").replace(/\+00:00$|Z$/, " UTC")}</time> by runstore {about.version}.{" "}
        <span title="Zooming shows no finer than that">Curves at {counted(about.buckets, "bucket")}: zooming shows no finer.</span>
        {about.notes.map((note) => (
          <span key={note}> {note}</span>
        ))}
      </p>
      {parquet && <Download parquet={parquet} points={about.points} />}
    </div>
  );
}

function Download({ parquet, points }: { parquet: Parquet; points: number }) {
  return (
    <div class="rs-report-take">
      <span class="rs-unseen">Download as Parquet:</span>
      {Object.entries(parquet).map(([name, data]) => {
        const said = name === "metrics.parquet" ? `Download Parquet: ${points.toLocaleString("en")} points` : name.replace(".parquet", "");
        return (
          <button key={name} type="button" class="rs-button" title={name} onClick={() => save(name, new Blob([bytes(data)], { type: TYPE }), TYPE)}>
            {said}
          </button>
        );
      })}
    </div>
  );
}
