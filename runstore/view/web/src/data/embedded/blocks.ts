// The data that lies in a report's own text: JSON, and bytes packed by gzip and written in base64.

import { gunzipSync } from "fflate";

/** The JSON of an element, or null where there is none. */
export function told<T>(id: string, root: ParentNode = document): T | null {
  const element = root.querySelector(`script[type="application/json"][id="${id}"]`);
  return element ? (JSON.parse(element.textContent ?? "null") as T) : null;
}

/** Base64 as bytes. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const signs = atob(text);
  const found = new Uint8Array(signs.length);
  for (let at = 0; at < signs.length; at++) found[at] = signs.charCodeAt(at);
  return found;
}

/** What was packed, as bytes; by the browser, or by ourselves in one that can't. */
export async function unpacked(
  text: string, stream: typeof DecompressionStream | null = globalThis.DecompressionStream ?? null,
): Promise<ArrayBuffer> {
  const packed = bytes(text);
  if (stream === null) return gunzipSync(packed).slice().buffer as ArrayBuffer;
  return new Response(new Blob([packed]).stream().pipeThrough(new stream("gzip"))).arrayBuffer();
}
