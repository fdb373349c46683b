/** A tree of files beside what is in the chosen one. */

import { useMemo, useState } from "preact/hooks";
import { Button, Search } from "../buttons";
import type { Place } from "../place";
import { counted, size } from "../said";
import type { FileRow, Run } from "../shapes";
import { download } from "./download";
import { Preview } from "./preview";
import { above, opened, rows, tree, type Row } from "./tree";

interface Props {
  place: Place;
  run: Run;
  files: FileRow[];
  /** The endpoint that gives one file by its path. */
  file: string;
  /** The key under which the address keeps the chosen path. */
  kept: string;
  total?: number | undefined;
  archive?: string;
}

export function Browser(props: Props) {
  const { place, files, kept } = props;
  const [sought, setSought] = useState("");
  const root = useMemo(() => tree(files.filter((one) => one.path.toLowerCase().includes(sought.toLowerCase()))), [files, sought]);
  const chosen = files.find((one) => one.path === place.more[kept]) ?? null;
  const [open, setOpen] = useState(() => new Set([...opened(root), ...above(place.more[kept] ?? "")]));
  const shown = rows(root, sought ? opened(root, Infinity) : open);
  const turn = (path: string): void => {
    const next = new Set(open);
    if (!next.delete(path)) next.add(path);
    setOpen(next);
  };
  const pick = (row: Row<FileRow>): void => (row.folder ? turn(row.path) : place.set({ [kept]: row.path }));
  return (
    <div class="rp-browser">
      <div class="rp-side">
        <Search value={sought} onChange={setSought} label="Find a file" />
        <Tree rows={shown} chosen={chosen?.path ?? ""} pick={pick} />
        <p class="rs-muted rp-row">
          <span>{counted(props.total ?? files.length, "file")}, {size(tree(files).size)}</span>
          <span class="rp-spring" />
          {props.archive && (
            <Button kind="quiet" onClick={() => void download(place, props.archive!, {}, `${props.run.run_id}.zip`)}>
              Download all
            </Button>
          )}
        </p>
      </div>
      <div class="rp-main-side">
        {chosen ? (
          <Preview key={chosen.path} place={place} run={props.run} row={chosen} file={props.file} />
        ) : (
          <p class="rs-muted rp-middle">Choose a file to look into it.</p>
        )}
      </div>
    </div>
  );
}

/** Arrow keys walk, right and left open and close folders, as in any tree. */
function Tree({ rows: all, chosen, pick }: { rows: Row<FileRow>[]; chosen: string; pick: (row: Row<FileRow>) => void }) {
  const walk = (event: KeyboardEvent): void => {
    const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=treeitem]")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const row = all[at];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[to]?.focus();
    else if (row?.folder && event.key === (row.open ? "ArrowLeft" : "ArrowRight")) pick(row);
    else return;
    event.preventDefault();
  };
  const first = Math.max(0, all.findIndex((row) => row.path === chosen));
  return (
    <div class="rp-tree" role="tree" aria-label="Files" onKeyDown={walk}>
      {all.slice(0, 2000).map((row, n) => (
        <button type="button" role="treeitem" key={`${row.folder ? "d" : "f"}${row.path}`} aria-level={row.depth + 1}
          aria-expanded={row.folder ? row.open : undefined} aria-selected={row.path === chosen && !row.folder}
          tabIndex={n === first ? 0 : -1} style={{ paddingInlineStart: `${8 + row.depth * 16}px` }}
          title={row.path} onClick={() => pick(row)}>
          <span class="rp-turn" aria-hidden="true">{row.folder ? (row.open ? "▾" : "▸") : ""}</span>
          <span class="rp-name">{row.name}{row.folder ? "/" : ""}</span>
          <span class="rp-size">{row.folder ? row.folder.count : size(row.file?.size)}</span>
        </button>
      ))}
      {all.length > 2000 && <p class="rs-muted">{counted(all.length - 2000, "more row")}; find by name</p>}
      {!all.length && <p class="rs-muted rp-middle">No file has that in its name.</p>}
    </div>
  );
}
