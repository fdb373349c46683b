// A logged figure of Plotly as a page that draws itself, in a frame that can reach nothing.

import { unpacked } from "./blocks";

/** The page of a figure before its JSON, between that and Plotly's script, and after it; and that script, packed. */
export interface Drawing {
  parts: readonly [string, string, string];
  library: string;
}

export const PLOTLY = "application/vnd.plotly.v1+json";

/** The page that draws a figure. Nothing in the figure ends the element that holds it. */
export async function drawn({ parts, library }: Drawing, figure: string): Promise<Blob> {
  const [before, between, after] = parts;
  const script = await unpacked(library);
  const pieces = ["<!doctype html>", before, figure.replaceAll("<", "\\u003c"), between, "<script>", script, "</script>", after];
  return new Blob(pieces, { type: "text/html;charset=utf-8" });
}
