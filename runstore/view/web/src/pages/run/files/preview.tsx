/** One file: what is in it, as far as a page can show it, and what is known of it. */

import { Failed, Waiting } from "../../../parts/empty";
import { useAsked, useFile } from "../asked";
import { Button, Copy } from "../buttons";
import { Viewer } from "../images/viewer";
import type { Place } from "../place";
import { counted, moment, size } from "../said";
import type { FileRow, Run } from "../shapes";
import { ofFile, ofSnapshot } from "../snippets";
import { download } from "./download";
import { Framed } from "./framed";
import { Lineage } from "./lineage";
import { cells, laidOut, look } from "./looks";
import { last } from "./tree";

const TEXT_MOST = 2_000_000; // bytes of text that are shown without being asked for
const LINES_MOST = 5_000;

interface Props {
  place: Place;
  run: Run;
  row: FileRow;
  file: string;
}

export function Preview({ place, run, row, file }: Props) {
  const query = { path: row.path };
  return (
    <section class="rp-preview" aria-label={row.path}>
      <header>
        <h2 title={row.path}>{row.path}</h2>
        <p class="rs-muted rp-row">
          <span>{size(row.size)}</span>
          {row.time && <span>{moment(row.time)}</span>}
          {row.kind && row.kind !== "file" && <span>{row.kind.replaceAll("_", " ")}</span>}
          {row.sha256 && <span class="rp-code" title={`SHA-256 ${row.sha256}`}>{row.sha256.slice(0, 12)}</span>}
        </p>
        <p class="rp-row">
          <Button onClick={() => void download(place, file, query, last(row.path))}>Download</Button>
          <Copy place={place} text={row.path} what="Path" label="Copy path" />
          <Copy place={place} text={snippet(place, run, row.path, file)} what="Python" label="Copy as Python" />
          {row.sha256 && <Copy place={place} text={row.sha256} what="Hash" label="Copy hash" />}
        </p>
        {row.sha256 && file.endsWith("/file") && !file.endsWith("snapshot/file") && <Lineage place={place} run={run} path={row.path} />}
      </header>
      <Content place={place} row={row} file={file} />
    </section>
  );
}

function snippet(place: Place, run: Run, path: string, file: string): string {
  const { path: workspace } = place.workspace;
  return file.endsWith("snapshot/file") ? ofSnapshot(workspace, run.run_id) : ofFile(workspace, run.run_id, path);
}

function Content({ place, row, file }: Omit<Props, "run">) {
  const kind = look(row.path, row.media_type ?? null);
  if (row.elsewhere) return <p class="rs-muted rp-middle">Recorded by reference: its bytes lie elsewhere.</p>;
  const large = (row.size ?? 0) > TEXT_MOST;
  if (kind === "none") return <p class="rs-muted rp-middle">This kind of file can't be shown here.</p>;
  if (kind === "framed") return <Framed place={place} path={file} query={{ path: row.path }} title={row.path} />;
  if (kind === "image" || kind === "audio" || kind === "video") return <Media place={place} row={row} file={file} kind={kind} />;
  if (large) return <p class="rs-muted rp-middle">{size(row.size)} of text are too much to show; download it.</p>;
  return <Written place={place} row={row} file={file} kind={kind} />;
}

function Media({ place, row, file, kind }: Omit<Props, "run"> & { kind: "image" | "audio" | "video" }) {
  const found = useFile(place.source, file, { path: row.path });
  if (found.error) return <Failed error={found.error} again={found.again} what="Not shown:" />;
  if (!found.value) return <Waiting />;
  if (kind === "image") return <Viewer url={found.value} name={row.path} />;
  return kind === "audio" ? <audio controls src={found.value} class="rp-media" /> : <video controls src={found.value} class="rp-media" />;
}

export function Written({ place, row, file, kind }: Omit<Props, "run"> & { kind: string }) {
  const found = useAsked<string>(`${file} ${row.path} ${row.sha256 ?? row.time}`, (signal) =>
    place.source.text(file, { path: row.path }, signal),
  );
  if (found.error) return <Failed error={found.error} again={found.again} what="Not shown:" />;
  if (found.value === null) return <Waiting />;
  if (!found.value) return <p class="rs-muted rp-middle">The file is empty.</p>;
  if (kind === "table") return <Cells rows={cells(found.value)} />;
  return <Text text={kind === "json" ? laidOut(found.value) : found.value} />;
}

/** Text with the numbers of its lines. */
export function Text({ text }: { text: string }) {
  const lines = text.replace(/\n$/, "").split("\n");
  const shown = lines.slice(0, LINES_MOST);
  return (
    <div class="rp-source" tabIndex={0}>
      <pre class="rp-numbers" aria-hidden="true">{shown.map((_, n) => n + 1).join("\n")}</pre>
      <pre class="rp-lines">{shown.join("\n")}</pre>
      {lines.length > shown.length && <p class="rs-muted">{counted(lines.length - shown.length, "more line")}; download the file for all</p>}
    </div>
  );
}

function Cells({ rows }: { rows: string[][] }) {
  const [head = [], ...body] = rows;
  const numeric = head.map((_, n) => body.every((row) => !row[n] || !Number.isNaN(Number(row[n]))));
  return (
    <div class="rp-scroll rp-tall">
      <table class="rp-table">
        <thead><tr>{head.map((name, n) => <th key={n} class={numeric[n] ? "rp-num" : undefined}>{name}</th>)}</tr></thead>
        <tbody>
          {body.map((row, n) => (
            <tr key={n}>{head.map((_, m) => <td key={m} class={numeric[m] ? "rp-num" : undefined}>{row[m]}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
