/** One thing to look at or to hear, small, with its step below. */

import { useAnswer, useFile, useNear } from "../asked";
import { Framed } from "../files/framed";
import { Written } from "../files/preview";
import { look } from "../files/looks";
import { Plot } from "../metrics/plot";
import type { Place } from "../place";
import { size } from "../said";
import { runPath, type Item, type Run } from "../shapes";
import { chartOf, titleOf } from "./plotly";

interface Props {
  run: Run;
  place: Place;
  item: Item;
  title: string | null;
  open: (item: Item) => void;
}

const WIDE = new Set(["figure", "html"]);

export function Card({ run, place, item, title, open }: Props) {
  const [near, seen] = useNear();
  return (
    <figure class={WIDE.has(item.kind) ? "rp-shot rp-shot-wide" : "rp-shot"} ref={near}>
      {seen ? <Inside run={run} place={place} item={item} open={open} /> : <div class="rp-blank" />}
      <figcaption>
        {title !== null && <strong title={title}>{title}</strong>}
        {WIDE.has(item.kind) && <button type="button" class="rp-link" onClick={() => open(item)}>Larger</button>}
        <span class="rs-muted">{item.step === null ? item.kind : `step ${item.step.toLocaleString("en-US")}`}</span>
      </figcaption>
    </figure>
  );
}

function Inside({ run, place, item, open }: Omit<Props, "title">) {
  const file = runPath(run.run_id, "file");
  const kind = item.kind === "html" ? "framed" : look(item.path, item.media_type);
  const plain = kind === "image" || kind === "audio" || kind === "video";
  const found = useFile(place.source, plain ? file : null, { path: item.path });
  if (item.kind === "figure" && (item.media_type ?? "").includes("json")) return <Figure run={run} place={place} item={item} />;
  if (kind === "framed") return <Framed place={place} path={file} query={{ path: item.path }} title={item.name} />;
  if (kind === "text" || kind === "json" || kind === "table") return <div class="rp-words"><Written place={place} row={item} file={file} kind="text" /></div>;
  if (!plain) return <div class="rp-blank">{item.kind} {size(item.size)}</div>;
  if (found.error) return <div class="rp-blank rp-warn">{found.error.message}</div>;
  if (!found.value) return <div class="rp-blank" aria-busy="true" />;
  if (kind === "audio") return <audio controls src={found.value} />;
  if (kind === "video") return <video controls src={found.value} />;
  return (
    <button type="button" class="rp-open" onClick={() => open(item)} title="Look closely">
      <img src={found.value} alt={`${item.name}${item.step === null ? "" : ` at step ${item.step}`}`}
        class={(item.width ?? 999) < 100 ? "rp-pixels" : undefined} />
    </button>
  );
}

/** A figure of Plotly: small and at once where it is simple, since every frame loads all of Plotly; else in a frame. */
function Figure({ run, place, item }: { run: Run; place: Place; item: Item }) {
  const found = useAnswer<{ value: unknown }>(runPath(run.run_id, "value"), { name: item.name, step: item.step });
  if (!found.value && !found.error) return <div class="rp-blank" aria-busy="true" />;
  const drawn = found.value && chartOf(found.value.value);
  if (drawn) return <div class="rp-figure"><Plot drawn={drawn} label={titleOf(found.value!.value) || item.name} /></div>;
  return <Framed place={place} path={runPath(run.run_id, "file")} query={{ path: item.path }} title={item.name} />;
}
