// What the picture does not show is said below it, with a click to change that.

import type { ComponentChildren } from "preact";
import type { Curve } from "./curve";
import { counted } from "./numbers";
import type { Shown } from "./ranges";

interface Props {
  curves: readonly Curve[];
  shown: Shown;
  /** Points that a logarithmic x axis cannot show. */
  unplacedX: number;
  everything: boolean;
  /** Runs that are meant but not drawn. */
  left: number;
  onEverything(wanted: boolean): void;
  onMore(): void;
}

export function Notes({ curves, shown, unplacedX, everything, left, onEverything, onMore }: Props) {
  const notes: ComponentChildren[] = [];
  const least = shown.more ? "≥ " : "";
  const beyond = shown.above + shown.below;
  if (beyond > 0) {
    const where = shown.below === 0 ? "above" : shown.above === 0 ? "below" : "outside";
    notes.push(
      <button type="button" class="rs-note" onClick={() => onEverything(true)} title="Show them too">
        {least}
        {counted(beyond, "point")} {where} the view
      </button>,
    );
  } else if (everything) {
    notes.push(
      <button type="button" class="rs-note" onClick={() => onEverything(false)} title="Leave spikes out of the range again">
        all points in view
      </button>,
    );
  }
  const nan = total(curves, "nanTotal");
  const inf = total(curves, "infTotal");
  if (nan) notes.push(<span class="rs-note">{counted(nan, "NaN", "NaN")} ×</span>);
  if (inf) notes.push(<span class="rs-note">{counted(inf, "infinite value")} ▲</span>);
  if (shown.unplaced) notes.push(<Unplaced count={shown.unplaced} of="y" least={shown.unplacedMore} />);
  if (unplacedX) notes.push(<Unplaced count={unplacedX} of="x" />);
  if (left) {
    notes.push(
      <button type="button" class="rs-note" onClick={onMore} title="Draw more of them">
        {counted(left, "more run")}: show more
      </button>,
    );
  }
  return <div class="rs-notes">{notes}</div>;
}

function Unplaced({ count, of, least = false }: { count: number; of: string; least?: boolean }) {
  return (
    <span class="rs-note" title={`A logarithmic axis has no place for ${of} ≤ 0`}>
      {least && "≥ "}
      {counted(count, "point")} with {of} ≤ 0
    </span>
  );
}

function total(curves: readonly Curve[], field: "nanTotal" | "infTotal"): number {
  return curves.reduce((sum, { series }) => sum + series[field], 0);
}
