/** How a file can be looked at, told by its name and media type. */

export type Look = "image" | "text" | "table" | "json" | "audio" | "video" | "framed" | "notebook" | "none";

const ENDINGS: [Look, string][] = [
  ["image", "png jpg jpeg gif bmp webp apng avif ico"],
  ["framed", "html htm svg"],
  ["table", "csv tsv"],
  ["json", "json"],
  ["audio", "wav mp3 ogg flac m4a"],
  ["video", "mp4 webm mov"],
  ["text",
    "txt log md rst py pyi r jl sh bash zsh fish bat ps1 c h cc cpp hpp cu rs go java kt scala js mjs cjs ts tsx jsx " +
    "css scss toml yaml yml ini cfg conf env lock patch diff sql tex bib jsonl ndjson xml ipynb dockerfile makefile " +
    "gitignore amlignore requirements properties tf proto"],
];
const BY_ENDING = new Map(ENDINGS.flatMap(([look, names]) => names.split(" ").map((name) => [name, look] as const)));
const WHOLE = new Set(["dockerfile", "makefile", "license", "readme", "changelog", "notice", "authors", "procfile"]);

/** A figure of Plotly, which is drawn in a frame. */
export const PLOTLY = "application/vnd.plotly.v1+json";

/** What a preview shows; "none" is offered for download only. */
export function look(path: string, mediaType: string | null = null): Look {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const ending = name.slice(name.lastIndexOf(".") + 1);
  if (mediaType === PLOTLY) return "framed";
  const found = BY_ENDING.get(ending);
  if (found) return found;
  if (WHOLE.has(name)) return "text";
  return byType(mediaType ?? "");
}

function byType(mediaType: string): Look {
  if (mediaType === "image/svg+xml" || mediaType === "text/html") return "framed";
  if (mediaType === "text/csv") return "table";
  if (mediaType.includes("json")) return "json";
  for (const look of ["image", "audio", "video", "text"] as const) if (mediaType.startsWith(`${look}/`)) return look;
  return "none";
}

/** Rows of comma- or tab-separated text, quotes undone; at most so many. */
export function cells(text: string, most = 500): string[][] {
  const mark = (text.split("\n", 1)[0] ?? "").includes("\t") ? "\t" : ",";
  const found: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length && found.length < most; at += 1) {
    const sign = text[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') { cell += '"'; at += 1; }
      else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === mark) { row.push(cell); cell = ""; }
    else if (sign === "\n") { found.push([...row, cell.replace(/\r$/, "")]); row = []; cell = ""; }
    else cell += sign;
  }
  if ((cell || row.length) && found.length < most) found.push([...row, cell]);
  return found;
}

/** JSON set out for reading; the text itself where it is none. */
export function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
