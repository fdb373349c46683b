/** The files of a run: what it wrote, uploaded and logged. */

import { useAnswer, useNews } from "../asked";
import type { Place } from "../place";
import { runPath, type FileRow, type Run } from "../shapes";
import { Nothing, Shown } from "../states";
import { Browser } from "./browser";

const MOST = 10_000;

export function Files({ run, place }: { run: Run; place: Place }) {
  const found = useAnswer<{ files: FileRow[]; total?: number }>(runPath(run.run_id, "files"), { limit: MOST });
  useNews(run.run_id, found.again);
  return (
    <Shown of={found} what="files">
      {({ files, total }) =>
        files.length ? (
          <Browser place={place} files={files} run={run} file={runPath(run.run_id, "file")} kept="path"
            total={total} archive={runPath(run.run_id, "archive")} />
        ) : (
          <Nothing title="No files">What a run writes into ./outputs, uploads or logs as a file is listed here.</Nothing>
        )
      }
    </Shown>
  );
}
