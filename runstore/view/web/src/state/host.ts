// What the page does for its charts.

import type { Host } from "../chart/take";
import type { App } from "./app";

export function hostOf(app: App): Host {
  return {
    path: async () => {
      const { path, url } = await app.source.json<{ path: string; url?: string | null }>("workspace");
      return url ?? path;
    },
    say: (text, bad = false) => app.toast(text, null, bad ? "bad" : "plain"),
  };
}
