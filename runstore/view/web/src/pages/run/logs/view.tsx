/** One log: its lines in colour, searched, followed to its end while it grows. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Failed } from "../../../parts/empty";
import { useCommands } from "../../../state/commands";
import { Button, Search } from "../buttons";
import { copy, type Place } from "../place";
import { counted, size } from "../said";
import type { Run } from "../shapes";
import { BesideChoice, Strip, useBeside } from "../strip";
import { bare } from "./ansi";
import { useLog, type Followed } from "./follow";
import { errors, lineAt, matches, next } from "./lines";
import { Screen } from "./screen";
import type { LogFile } from "./tab";

export function LogView({ run, place, log }: { run: Run; place: Place; log: LogFile }) {
  const found = useLog(place, run, log.name);
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(false);
  const [sought, setSought] = useState(place.more["find"] ?? "");
  const [at, setAt] = useState<number | null>(null);
  const { lines, times } = found.lines;
  const timed = place.more["times"] !== undefined;
  const hits = useMemo(() => matches(lines, sought), [lines, sought]);
  const wrong = useMemo(() => errors(lines), [lines]);
  const marked = useMemo(() => new Set(hits), [hits]);
  const beside = useBeside(place, "time", (x) => {
    const line = lineAt(times, x * 1e6);
    if (line === null) return;
    setFollow(false);
    setAt(line);
  });
  const go = (to: number | null): void => {
    if (to === null) return;
    setFollow(false);
    setAt(to);
    const time = times[to] ?? null;
    if (time !== null && beside.metric) beside.point(time / 1e6);
  };
  useCommands([
    { label: "The log's next error", keys: ["e"], of: "Log", run: () => go(next(wrong, at ?? -1)) },
    { label: "The log's error before", keys: ["shift+e"], of: "Log", run: () => go(next(wrong, at ?? lines.length, true)) },
    { label: follow ? "Leave the log's end" : "Follow the log's end", keys: ["shift+g"], of: "Log", run: () => setFollow(!follow) },
  ]);
  return (
    <section class="rp-main-side rp-log" aria-label={log.name}>
      <div class="rp-row rp-bar">
        <Find sought={sought} seek={(text) => { setSought(text); setAt(null); }} hits={hits} at={at} go={go} />
        <Button disabled={!wrong.length} onClick={() => go(next(wrong, at ?? -1))} title="The next error (e)">
          {wrong.length ? `Next of ${counted(wrong.length, "error")}` : "No errors"}
        </Button>
        <span class="rp-spring" />
        <BesideChoice run={run} place={place} />
        <Button pressed={timed} onClick={() => place.set({ times: timed ? null : "" })} title="When each line was written">Times</Button>
        <Button pressed={wrap} onClick={() => setWrap(!wrap)}>Wrap</Button>
        <Button kind="quiet" onClick={() => void copy(place, lines.map(bare).join("\n"), "Log")}>Copy</Button>
        <Button pressed={follow} kind={follow ? "main" : "plain"} onClick={() => setFollow(!follow)} title="Stay at the end">
          {follow ? "Following" : "Follow"}
        </Button>
      </div>
      <Strip run={run} place={place} kind="time" />
      {found.error && <Failed error={found.error} again={found.again} what="The log could not be read:" />}
      <Screen lines={found.lines} numbered={found.from === 0} marked={marked} at={at} follow={follow} wrap={wrap}
        timed={timed} pick={go} leave={() => setFollow(false)} />
      <Foot found={found} />
    </section>
  );
}

function Find(props: {
  sought: string; seek: (text: string) => void; hits: number[]; at: number | null; go: (to: number | null) => void;
}) {
  const { sought, seek, hits, at, go } = props;
  const field = useRef<HTMLDivElement>(null);
  const place = at === null ? -1 : hits.indexOf(at);
  useEffect(() => {
    const find = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== "f") return;
      event.preventDefault(); // the browser finds only the lines that are drawn
      field.current?.querySelector("input")?.select();
    };
    window.addEventListener("keydown", find);
    return () => window.removeEventListener("keydown", find);
  }, []);
  const step = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "Enter") go(next(hits, at ?? -1, event.shiftKey));
    if (event.key === "Escape") seek("");
  };
  return (
    <div class="rp-row" ref={field}>
      <Search value={sought} onChange={seek} label="Find text or /pattern/" onKeyDown={step} />
      {sought && (
        <span class="rs-muted" role="status">
          {hits.length ? `${place < 0 ? "" : `${place + 1} of `}${counted(hits.length, "line")}` : "none"}
        </span>
      )}
    </div>
  );
}

function Foot({ found }: { found: Followed }) {
  return (
    <p class="rs-muted rp-row rp-foot" role="status">
      {found.from > 0 && (
        <Button kind="quiet" onClick={found.earlier}>{size(found.from)} before this are not shown; show more</Button>
      )}
      <span class="rp-spring" />
      <span>{counted(found.lines.lines.length, "line")}</span>
      <span>{size(found.size)}</span>
      <span>{found.ended ? "the log is complete" : "waiting for more"}</span>
    </p>
  );
}
