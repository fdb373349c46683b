// The crosshair's table: what every curve says there, the greatest first.

import { useLayoutEffect, useRef } from "preact/hooks";
import { place, value } from "./numbers";
import type { Reading } from "./readings";

const MOST = 14;
const AWAY = 12; // pixels from the crosshair

interface Props {
  x: number;
  kind: string;
  rows: readonly Reading[];
  hovered: string | null;
  pinned: boolean;
  /** Where the crosshair is in the plotting area, in CSS pixels. */
  left: number;
  smoothed: boolean;
}

export function Readout({ x, kind, rows, hovered, pinned, left, smoothed }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (box.current !== null) settle(box.current, left);
  });
  if (!rows.length) return null;
  const shown = around(rows, hovered);
  return (
    <div class={`rs-readout${pinned ? " rs-pinned" : ""}`} ref={box} aria-hidden="true">
      <p>
        {place(x, kind)}
        {pinned && <span class="rs-pin-note"> pinned</span>}
      </p>
      <table>
        <tbody>
          {shown.map((row) => (
            <tr key={row.curve.id} class={row.curve.id === hovered ? "rs-hovered" : ""}>
              <td>
                <Swatch colour={row.curve.look.colour} dash={row.curve.look.dash} />
              </td>
              <td class="rs-readout-name">{row.curve.label}</td>
              <td class="rs-number">{value(row.value)}</td>
              <td class="rs-number rs-faint">{beside(row, smoothed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && <p class="rs-faint">and {rows.length - shown.length} more</p>}
    </div>
  );
}

/** Beside the crosshair where there is room, within what is seen of the page. */
function settle(box: HTMLElement, left: number): void {
  const origin = box.parentElement!.getBoundingClientRect();
  const seen = seenOf(box);
  const { offsetWidth: width, offsetHeight: height } = box;
  const right = left + AWAY;
  const x = origin.left + right + width <= seen.right ? right : left - AWAY - width;
  const y = Math.min(4, seen.bottom - origin.top - height - 4);
  box.style.left = `${Math.max(seen.left - origin.left, x)}px`;
  box.style.top = `${Math.max(seen.top - origin.top, y)}px`;
}

/** The part of the window that what scrolls around an element leaves. */
function seenOf(element: HTMLElement): { left: number; right: number; top: number; bottom: number } {
  const { clientWidth, clientHeight } = document.documentElement;
  const seen = { left: 0, top: 0, right: clientWidth, bottom: clientHeight };
  for (let one = element.parentElement; one !== null; one = one.parentElement) {
    if (!/auto|scroll|hidden/.test(getComputedStyle(one).overflow)) continue;
    const box = one.getBoundingClientRect();
    seen.left = Math.max(seen.left, box.left);
    seen.top = Math.max(seen.top, box.top);
    seen.right = Math.min(seen.right, box.right);
    seen.bottom = Math.min(seen.bottom, box.bottom);
  }
  return seen;
}

/** What a bucket has besides its line: its span, or the value that was logged. */
function beside(row: Reading, smoothed: boolean): string {
  if (row.count > 1 && row.max > row.min) return `${value(row.min, 3)} … ${value(row.max, 3)}`;
  return smoothed ? value(row.mean) : "";
}

/** The rows that fit, the one that stands out among them. */
function around(rows: readonly Reading[], hovered: string | null): readonly Reading[] {
  if (rows.length <= MOST) return rows;
  const at = rows.findIndex((row) => row.curve.id === hovered);
  const from = Math.max(0, Math.min(rows.length - MOST, at - (MOST >> 1)));
  return rows.slice(from, from + MOST);
}

/** A short piece of the line, as a key to its colour and dashes. */
export function Swatch({ colour, dash }: { colour: string; dash: readonly number[] }) {
  return (
    <svg class="rs-swatch" width="18" height="8" viewBox="0 0 18 8" aria-hidden="true">
      <line x1="0" y1="4" x2="18" y2="4" stroke={colour} stroke-width="2.5" stroke-dasharray={dash.join(" ") || undefined} />
    </svg>
  );
}

