/** A cell of a logged table: text, or the picture that it names among the run's files. */

import { useFile, useNear } from "../asked";
import type { Place } from "../place";
import { plain } from "../said";
import { runPath } from "../shapes";

const PICTURE = /\.(?:png|jpe?g|gif|webp|bmp|apng)$/i;

export function Cell({ value, runId, place }: { value: unknown; runId: string; place: Place }) {
  if (typeof value === "string" && PICTURE.test(value)) return <Picture path={value} runId={runId} place={place} />;
  return <>{plain(value)}</>;
}

function Picture({ path, runId, place }: { path: string; runId: string; place: Place }) {
  const [near, seen] = useNear();
  const found = useFile(place.source, seen ? runPath(runId, "file") : null, { path });
  if (found.error) return <>{path}</>; // the text only looks like a file's name
  return (
    <a class="rp-cell" ref={near} href={place.href("run", runId, { more: { tab: "files", path } })} title={path}>
      {found.value ? <img class="rp-pixels" src={found.value} alt={path} /> : <span class="rp-cell-blank" />}
    </a>
  );
}
