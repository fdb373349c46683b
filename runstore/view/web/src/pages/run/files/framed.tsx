/** Pages, drawings and figures that somebody logged: shown in a frame of their own that can reach nothing of this page. */

import { Failed, Waiting } from "../../../parts/empty";
import type { Query } from "../../../data/source";
import { useFile } from "../asked";
import type { Place } from "../place";

export function Framed({ place, path, query, title }: { place: Place; path: string; query: Query; title: string }) {
  const found = useFile(place.source, path, query);
  if (found.error) return <Failed error={found.error} again={found.again} what="Not shown:" />;
  if (!found.value) return <Waiting />;
  // Scripts may run, but of no origin: never `allow-same-origin`, with which the frame could read this page's token.
  return <iframe class="rp-frame" sandbox="allow-scripts" referrerpolicy="no-referrer" src={found.value} title={title} />;
}
