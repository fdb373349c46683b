/** One image over the whole page: zoomed, walked through by step, or laid over another step of itself. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useFile } from "../asked";
import { Button, Choice } from "../buttons";
import { download } from "../files/download";
import { Framed } from "../files/framed";
import { look } from "../files/looks";
import { last } from "../files/tree";
import type { Place } from "../place";
import { runPath, type Item, type Run } from "../shapes";
import { Viewer } from "./viewer";

interface Props {
  run: Run;
  place: Place;
  start: Item;
  shots: Item[];
  leave: () => void;
}

export function Closely({ run, place, start, shots, leave }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [n, setN] = useState(Math.max(0, shots.findIndex((shot) => shot.path === start.path)));
  const [way, setWay] = useState<"one" | "two">("one");
  useEffect(() => dialog.current?.showModal(), []);
  const shot = shots[n] ?? start;
  const walk = (by: number): void => setN(Math.max(0, Math.min(shots.length - 1, n + by)));
  const keys = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "PageDown" || event.key === "]") walk(1);
    else if (event.key === "PageUp" || event.key === "[") walk(-1);
  };
  return (
    <dialog class="rp-closely" ref={dialog} aria-label={shot.name} onClose={leave} onKeyDown={keys}>
      <header class="rp-row">
        <h2>{shot.name}</h2>
        <span class="rs-muted">{shot.step === null ? "" : `step ${shot.step.toLocaleString("en-US")}`}</span>
        <span class="rp-spring" />
        {shots.length > 1 && (
          <>
            {seen(shot) && <Choice label="How" value={way} onChange={setWay} options={[["one", "One"], ["two", "A | B"]]} />}
            <Button disabled={n === 0} onClick={() => walk(-1)} title="The step before ([)">‹ Before</Button>
            <Button disabled={n === shots.length - 1} onClick={() => walk(1)} title="The step after (])">After ›</Button>
          </>
        )}
        <Button kind="quiet" onClick={() => void download(place, runPath(run.run_id, "file"), { path: shot.path }, last(shot.path))}>Download</Button>
        <Button onClick={() => dialog.current?.close()}>Close</Button>
      </header>
      {way === "one" || !seen(shot) ? <Single run={run} place={place} item={shot} /> : <Both run={run} place={place} a={shots[0]!} shots={shots} b={shot} />}
    </dialog>
  );
}

function Single({ run, place, item }: { run: Run; place: Place; item: Item }) {
  const file = runPath(run.run_id, "file");
  if (seen(item)) return <Picture key={item.path} place={place} file={file} item={item} />;
  return <Framed key={item.path} place={place} path={file} query={{ path: item.path }} title={item.name} />;
}

/** Whether an item is an image, of which pixels can be told. */
function seen(item: Item): boolean {
  return look(item.path, item.media_type) === "image";
}

function Picture({ place, file, item }: { place: Place; file: string; item: Item }) {
  const found = useFile(place.source, file, { path: item.path });
  return found.value ? <Viewer url={found.value} name={item.name} /> : <div class="rp-stage" aria-busy="true" />;
}

/** Two steps of an image over each other, with an edge between them that one moves. */
function Both({ run, place, a: first, b, shots }: { run: Run; place: Place; a: Item; b: Item; shots: Item[] }) {
  const [a, setA] = useState(first);
  const [edge, setEdge] = useState(50);
  const file = runPath(run.run_id, "file");
  const left = useFile(place.source, file, { path: a.path });
  const right = useFile(place.source, file, { path: b.path });
  const told = (item: Item): string => (item.step === null ? last(item.path) : `step ${item.step.toLocaleString("en-US")}`);
  return (
    <div class="rp-viewer">
      <div class="rp-stage rp-both">
        {right.value && <img src={right.value} alt={`B, ${told(b)}`} />}
        {left.value && <img src={left.value} alt={`A, ${told(a)}`} style={{ clipPath: `inset(0 ${100 - edge}% 0 0)` }} />}
        <i class="rp-edge" style={{ insetInlineStart: `${edge}%` }} />
      </div>
      <div class="rp-row rp-bar">
        <label class="rp-row">A
          <select class="rp-search" aria-label="The step of A" value={a.path} onChange={(event) => setA(shots.find((shot) => shot.path === event.currentTarget.value) ?? a)}>
            {shots.map((shot) => <option key={shot.path} value={shot.path}>{told(shot)}</option>)}
          </select>
        </label>
        <input class="rp-grow" type="range" min={0} max={100} step={0.5} value={edge} aria-label="How much of A is seen"
          onInput={(event) => setEdge(Number(event.currentTarget.value))} />
        <span>B {told(b)}</span>
      </div>
    </div>
  );
}
