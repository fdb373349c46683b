/** The lines of a log that can be seen; the rest is only as high as it would be. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { drawn, pieces, PLAIN, type Look } from "./ansi";
import { clock } from "../said";
import { level, type Lines } from "./lines";

const HEIGHT = 18; // of a line, in pixels, as the style sheet has it
const AROUND = 40; // lines that are drawn beyond what is seen
const WRAPPED_MOST = 3_000; // wrapped lines have no height that is known, so all that are shown are drawn

interface Props {
  lines: Lines;
  /** Whether the lines' numbers in the file are known; entered at its end they are not. */
  numbered: boolean;
  marked: ReadonlySet<number>;
  at: number | null;
  follow: boolean;
  wrap: boolean;
  /** Whether each line says when it was written. */
  timed: boolean;
  /** Called with a line that was pointed out. */
  pick: (place: number) => void;
  leave: () => void;
}

export function Screen({ lines, numbered, marked, at, follow, wrap, timed, pick, leave }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  const looks = useLooks(lines);
  const count = lines.lines.length;
  const [from, to] = wrap
    ? [Math.max(0, Math.min(at === null ? count : at + WRAPPED_MOST / 2, count) - WRAPPED_MOST), count]
    : [Math.max(0, Math.floor(seen.top / HEIGHT) - AROUND), Math.min(count, Math.ceil((seen.top + seen.height) / HEIGHT) + AROUND)];

  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follow, lines, wrap]);
  useEffect(() => {
    if (at === null || !box.current) return;
    if (wrap) box.current.querySelector(`[data-line="${at}"]`)?.scrollIntoView({ block: "center" });
    else box.current.scrollTop = at * HEIGHT - box.current.clientHeight / 2;
  }, [at, wrap]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = new ResizeObserver(() => setSeen({ top: element.scrollTop, height: element.clientHeight }));
    look.observe(element);
    return () => look.disconnect();
  }, []);

  const scrolled = (): void => {
    if (!box.current) return; // a last scroll may be told after the log has gone
    const { scrollTop, clientHeight, scrollHeight } = box.current;
    setSeen({ top: scrollTop, height: clientHeight });
    if (follow && scrollTop + clientHeight < scrollHeight - 3 * HEIGHT) leave();
  };
  return (
    <div class={wrap ? "rp-screen rp-wrapped" : "rp-screen"} ref={box} onScroll={scrolled} tabIndex={0}
      role="log" aria-live="off" aria-label="Lines of the log">
      <div class="rp-paper" style={wrap ? {} : { height: `${count * HEIGHT}px`, paddingTop: `${from * HEIGHT}px` }}>
        {lines.lines.slice(from, to).map((line, n) => (
          <Line key={lines.first + from + n} line={line} place={from + n} number={numbered ? lines.first + from + n : null}
            look={looks[from + n] ?? PLAIN} marked={marked.has(from + n)} current={at === from + n}
            time={timed ? lines.times[from + n] ?? null : undefined} pick={pick} />
        ))}
        {!count && <p class="rs-muted rp-middle">Nothing has been written yet.</p>}
      </div>
    </div>
  );
}

interface LineProps {
  line: string;
  place: number;
  number: number | null;
  look: Look;
  marked: boolean;
  current: boolean;
  /** Undefined where times are not shown, null where this one is not known. */
  time: number | null | undefined;
  pick: (place: number) => void;
}

function Line(props: LineProps) {
  const picked = (): void => {
    if (getSelection()?.isCollapsed ?? true) props.pick(props.place); // else somebody marks text
  };
  const tone = level(props.line);
  const classes = ["rp-line", tone && `rp-line-${tone}`, props.marked && "rp-line-hit", props.current && "rp-line-at"];
  return (
    <div class={classes.filter(Boolean).join(" ")} data-line={props.place} onClick={picked}>
      <span class="rp-line-number" aria-hidden="true">{props.number}</span>
      {props.time !== undefined && (
        <time class="rp-line-time" dateTime={props.time === null ? undefined : new Date(props.time / 1000).toISOString()}>{props.time === null ? "" : clock(props.time / 1000)}</time>
      )}
      <span class="rp-line-text">
        {pieces(props.line, props.look).pieces.map((piece, n) => {
          const { classes: look, style } = drawn(piece.look);
          return look || Object.keys(style).length ? <span key={n} class={look} style={style}>{piece.text}</span> : piece.text;
        })}
      </span>
    </div>
  );
}

/** The look that each line begins with; worked out once for each line as it comes. */
function useLooks(lines: Lines): Look[] {
  const kept = useRef<{ looks: Look[]; texts: string[] }>({ looks: [], texts: [] });
  return useMemo(() => {
    const { looks, texts } = kept.current;
    // As far as the lines are what they were, their looks are too.
    const same = texts.length && lines.lines[0] === texts[0] ? Math.min(texts.length - 1, lines.lines.length) : 0;
    const found = looks.slice(0, same);
    let look = same ? pieces(lines.lines[same - 1] ?? "", looks[same - 1]).end : PLAIN;
    for (let place = same; place < lines.lines.length; place += 1) {
      found.push(look);
      const line = lines.lines[place]!;
      if (line.includes("\x1b[")) look = pieces(line, look).end;
    }
    kept.current = { looks: found, texts: lines.lines };
    return found;
  }, [lines]);
}
