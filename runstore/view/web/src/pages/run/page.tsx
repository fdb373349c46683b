/** The page of one run: its head, and tabs for what there is to see of it. */

import { useEffect, useRef } from "preact/hooks";
import { Failed, Waiting } from "../../parts/empty";
import { Tabs, type Tab } from "../../parts/tabs";
import { useCommands, type Command } from "../../state/commands";
import { useAnswer, useNews } from "./asked";
import { Children } from "./children";
import { make, type Edit } from "./edits";
import { Files } from "./files/tab";
import { Header } from "./header";
import { Images } from "./images/tab";
import { Logs } from "./logs/tab";
import { Metrics } from "./metrics/tab";
import { Overview } from "./overview";
import { copy, usePlace, type Place } from "./place";
import { Problems } from "./problems";
import { ended, runPath, type Run } from "./shapes";
import { Snapshot } from "./snapshot";
import { ofRun } from "./snippets";
import { Nothing } from "./states";
import { System } from "./system";
import "./pages.css";

export function RunPage() {
  const place = usePlace();
  if (!place.id) return <Nothing title="Which run?">Open one from the table of runs, or find it with Ctrl+K.</Nothing>;
  return <One key={place.id} place={place} />;
}

const LOOK = 10_000; // a run that gives no sign of life makes no news

function One({ place }: { place: Place }) {
  const found = useAnswer<Run>(runPath(place.id));
  const again = useRef(found.again);
  again.current = found.again;
  useNews(place.id, found.again);
  const waiting = place.source.live && found.value !== null && !ended(found.value);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setInterval(() => again.current(), LOOK);
    return () => clearInterval(timer);
  }, [waiting]);
  useCommands(found.value ? commands(found.value, place) : []);
  if (found.error && !found.value) return <Failed error={found.error} again={found.again} what="No such run:" />;
  if (!found.value) return <Waiting lines={8} label="Loading the run" />;
  const run = found.value;
  const save = (edit: Edit): Promise<boolean> => make(place, run, edit, found.again);
  return (
    <article class="rp-page">
      <Header run={run} place={place} save={save} />
      <Tabs label="Parts of the run" tabs={tabs(run)} shown={place.more["tab"] ?? "overview"}
        onShow={(tab) => place.set({ tab: tab === "overview" ? null : tab })}>
        <Part run={run} place={place} save={save} />
      </Tabs>
    </article>
  );
}

function Part({ run, place, save }: { run: Run; place: Place; save: (edit: Edit) => Promise<boolean> }) {
  switch (place.more["tab"]) {
    case "metrics": return <Metrics run={run} place={place} />;
    case "images": return <Images run={run} place={place} />;
    case "children": return <Children run={run} place={place} />;
    case "files": return <Files run={run} place={place} />;
    case "logs": return <Logs run={run} place={place} />;
    case "snapshot": return <Snapshot run={run} place={place} />;
    case "system": return <System run={run} place={place} />;
    case "problems": return <Problems run={run} place={place} />;
    default: return <Overview run={run} place={place} save={save} />;
  }
}

/** What the palette offers on this page. */
function commands(run: Run, place: Place): Command[] {
  const of = "This run";
  return [
    ...tabs(run).map((tab) => ({ label: `This run: ${tab.label}`, of, run: () => place.set({ tab: tab.name === "overview" ? null : tab.name }) })),
    { label: "Copy this run as Python", of, run: () => void copy(place, ofRun(place.workspace.path, run.run_id), "Python") },
    { label: "Copy this run's id", of, run: () => void copy(place, run.run_id, "Run id") },
  ];
}

const IMAGES = new Set(["image", "video", "audio", "figure", "html", "text", "cloud"]);

/** The tabs of a run; how many there are of what can be counted. */
export function tabs(run: Run): Tab[] {
  const metrics = run.metrics ?? [];
  const pictures = metrics.filter((metric) => IMAGES.has(metric.kind)).length;
  return [
    { name: "overview", label: "Overview" },
    { name: "metrics", label: "Metrics", count: (run.metrics_total ?? metrics.length) - pictures },
    { name: "images", label: "Images", count: pictures },
    { name: "children", label: "Child runs", count: run.children ?? null },
    { name: "files", label: "Files" },
    { name: "logs", label: "Logs" },
    { name: "snapshot", label: "Snapshot" },
    { name: "system", label: "System" },
    { name: "problems", label: "Problems", count: (run.errors ?? 0) + (run.warnings_total ?? run.warnings?.length ?? 0) },
  ];
}
