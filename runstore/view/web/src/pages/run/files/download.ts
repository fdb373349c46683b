/** Files given to the browser to keep. */

import { saveFrom } from "../../../chart/export";
import type { Query } from "../../../data/source";
import type { Place } from "../place";

/** Ask for a file and hand it over under a name. */
export async function download(place: Place, path: string, query: Query, name: string): Promise<void> {
  try {
    const { url, free } = await place.source.file(path, { ...query, download: /(?:archive|data)$/.test(path) ? undefined : 1 });
    saveFrom(url, name);
    setTimeout(free, 60_000); // the browser may still be reading
  } catch (error) {
    place.say(`Not downloaded: ${(error as Error).message}`);
  }
}

/** Hand over text that the page made. */
export function keep(text: string, name: string, mediaType: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  saveFrom(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
