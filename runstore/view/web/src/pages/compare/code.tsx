/** What changed in the code, file by file. */

import { useMemo, useState } from "preact/hooks";
import { counted } from "../run/said";
import { Nothing } from "../run/states";
import { changes, lines, type Line } from "./patch";

const OPEN = 5; // files that are open at first
const LONG = 400; // lines of a file that are shown without being asked for

export function Code({ files }: { files: { path: string; diff: string | null }[] }) {
  if (!files.length) return <Nothing title="No difference in the code">As far as the code of these runs was kept.</Nothing>;
  return (
    <div class="rp-stack">
      {files.map((file, n) => <File key={file.path} path={file.path} diff={file.diff} start={n < OPEN} />)}
    </div>
  );
}

function File({ path, diff, start }: { path: string; diff: string | null; start: boolean }) {
  const [all, setAll] = useState(false);
  const found = useMemo(() => lines(diff ?? ""), [diff]);
  const { added, removed } = changes(found);
  const shown = all ? found : found.slice(0, LONG);
  return (
    <details class="cmp-file" open={start}>
      <summary>
        <span class="rp-code">{path}</span>
        <span class="rp-good">+{added}</span> <span class="rp-bad">−{removed}</span>
      </summary>
      <div class="cmp-lines">
        {shown.map((line, n) => <Row key={n} line={line} />)}
        {!found.length && <p class="rs-muted rp-middle">What changed in it can't be shown.</p>}
      </div>
      {found.length > shown.length && (
        <button type="button" class="rp-link" onClick={() => setAll(true)}>{counted(found.length - shown.length, "more line")}</button>
      )}
    </details>
  );
}

const SIGNS = { same: " ", added: "+", removed: "−", hunk: "", note: "" };

function Row({ line }: { line: Line }) {
  if (line.kind === "hunk") return <div class="cmp-line cmp-hunk">⋯ {line.text}</div>;
  const { text, from, to } = line;
  return (
    <div class={`cmp-line cmp-${line.kind}`}>
      <span class="cmp-number">{line.old}</span><span class="cmp-number">{line.new}</span>
      <span class="cmp-sign">{SIGNS[line.kind]}</span>
      <span class="cmp-text">
        {from === undefined || to === undefined ? text : <>{text.slice(0, from)}<mark>{text.slice(from, to)}</mark>{text.slice(to)}</>}
      </span>
    </div>
  );
}
