// The crosshair's table: what every curve says there, the greatest first.

import { place, value } from "./numbers";
import type { Reading } from "./readings";

const MOST = 14;

interface Props {
  x: number;
  kind: string;
  rows: readonly Reading[];
  hovered: string | null;
  pinned: boolean;
  /** Where the crosshair is, and how wide the plotting area is, in CSS pixels. */
  left: number;
  width: number;
  smoothed: boolean;
}

export function Readout({ x, kind, rows, hovered, pinned, left, width, smoothed }: Props) {
  if (!rows.length) return null;
  const shown = around(rows, hovered);
  const side = left > width / 2 ? { right: `${width - left + 12}px` } : { left: `${left + 12}px` };
  return (
    <div class={`rs-readout${pinned ? " rs-pinned" : ""}`} style={side} aria-hidden="true">
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

