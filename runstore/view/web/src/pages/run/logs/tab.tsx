/** The logs of a run: which there are, and the one that is shown, as it grows. */

import { useAnswer, useNews } from "../asked";
import { Button } from "../buttons";
import { download } from "../files/download";
import { last } from "../files/tree";
import type { Place } from "../place";
import { size } from "../said";
import { runPath, type Run } from "../shapes";
import { Nothing, Shown } from "../states";
import { LogView } from "./view";

export interface LogFile {
  name: string;
  size: number | null;
}

export function Logs({ run, place }: { run: Run; place: Place }) {
  const found = useAnswer<LogFile[] | { logs: LogFile[] }>(runPath(run.run_id, "logs"));
  useNews(run.run_id, found.again);
  return (
    <Shown of={found} what="logs">
      {(answer) => {
        const logs = ordered(Array.isArray(answer) ? answer : answer.logs);
        const chosen = logs.find((log) => log.name === place.more["log"]) ?? logs[0];
        if (!chosen) return <Nothing title="No logs">What a run prints and what Python's logging says is kept here.</Nothing>;
        return (
          <div class="rp-browser">
            <nav class="rp-side" aria-label="Logs">
              <div class="rp-tree">
                {logs.map((log) => (
                  <button type="button" key={log.name} aria-current={log === chosen} title={log.name}
                    onClick={() => place.set({ log: log.name })}>
                    <span class="rp-name">{log.name}</span><span class="rp-size">{size(log.size)}</span>
                  </button>
                ))}
              </div>
              <p class="rp-row">
                <Button kind="quiet" onClick={() => void download(place, runPath(run.run_id, "file"), { path: chosen.name }, last(chosen.name))}>
                  Download
                </Button>
                <Button kind="quiet" onClick={() => void download(place, runPath(run.run_id, "archive"), {}, `${run.run_id}.zip`)}>
                  Download all
                </Button>
              </p>
            </nav>
            <LogView key={chosen.name} place={place} run={run} log={chosen} />
          </div>
        );
      }}
    </Shown>
  );
}

/** What the script said first, then the rest. */
export function ordered(logs: readonly LogFile[]): LogFile[] {
  const place = (name: string): number =>
    /(?:^|\/)(?:std_log|70_driver_log)/.test(name) ? 0 : name.startsWith("user_logs/") ? 1 : name.startsWith("logs/") ? 2 : 3;
  return [...logs].sort((a, b) => place(a.name) - place(b.name) || a.name.localeCompare(b.name, "en", { numeric: true }));
}
