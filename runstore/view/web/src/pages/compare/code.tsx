/** What changed in the code, file by file. */

import { useMemo, useState } from "preact/hooks";
import { counted, plain } from "../run/said";
import { Nothing } from "../run/states";
import { changes, lines, type Line } from "./patch";
import type { Code } from "./shapes";

const OPEN = 5; // files that are open at first
const LONG = 400; // lines of a file that are shown without being asked for

export function CodeChanges({ all, name, base }: { all: Code[]; name: (run: string) => string; base: string }) {
  const found = all.filter((one) => one.files.length || one.git.length);
  if (!found.length) return <Nothing title="No difference in the code">As far as the code of these runs was kept.</Nothing>;
  return (
    <div class="rp-stack">
      {found.map((one) => (
        <section class="rp-stack" key={one.run_id}>
          <h2>{name(one.run_id)} <span class="rs-muted">against {base}</span></h2>
          {one.git.map((fact) => <p key={fact.name} class="rs-muted">git {fact.name}: <span class="rp-code">{plain(fact.baseline)} → {plain(fact.other)}</span></p>)}
          {one.files.map((file, n) => <File key={file.path} path={file.path} diff={file.diff} cut={file.cut} start={n < OPEN} />)}
        </section>
      ))}
    </div>
  );
}

function File({ path, diff, cut, start }: { path: string; diff: string; cut: boolean; start: boolean }) {
  const [all, setAll] = useState(false);
  const found = useMemo(() => lines(diff), [diff]);
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
      {cut && <p class="rs-muted">The rest of this difference is left out.</p>}
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
