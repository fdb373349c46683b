/** The code of a run as it was when the run began. */

import { useAnswer } from "./asked";
import { Browser } from "./files/browser";
import type { Place } from "./place";
import { runPath, type FileRow, type Run } from "./shapes";
import { Nothing, Shown } from "./states";

export function Snapshot({ run, place }: { run: Run; place: Place }) {
  const found = useAnswer<{ files: FileRow[] }>(run.snapshot_id ? runPath(run.run_id, "snapshot") : null);
  if (!run.snapshot_id) {
    return <Nothing title="No snapshot">A run of a script keeps the code of its folder; this run has none.</Nothing>;
  }
  return (
    <Shown of={found} what="snapshot">
      {({ files }) => (
        <Browser place={place} files={files} run={run} file={runPath(run.run_id, "snapshot/file")} kept="source" />
      )}
    </Shown>
  );
}
