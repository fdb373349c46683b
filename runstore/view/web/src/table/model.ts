// The geometry of the table: TanStack's column model over our columns. Rows never go through it: the server orders and
// filters them, and only those in the window are here.

import {
  columnOrderingFeature,
  columnPinningFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  constructTable,
  tableFeatures,
} from "@tanstack/table-core";
import { storeReactivityBindings } from "@tanstack/table-core/store-reactivity-bindings";
import { NARROWEST, widthOf, type Column } from "./columns";
import type { Row } from "./rows";

const features = tableFeatures({
  coreReactivityFeature: storeReactivityBindings(),
  columnOrderingFeature,
  columnPinningFeature,
  columnSizingFeature,
  columnVisibilityFeature,
});

/** A column and where it lies, in pixels from the left edge of its region. */
export interface Laid {
  column: Column;
  left: number;
  width: number;
  pinned: boolean;
}

export interface Layout {
  /** The pinned columns, then the others; the others' places are counted after the pinned ones. */
  columns: Laid[];
  pinnedWidth: number;
  width: number;
}

/** Where the shown columns lie. `before` pixels at the left are kept for the table's own cells. */
export function layOutColumns(
  shown: readonly Column[],
  pinned: readonly string[],
  widths: Record<string, number>,
  before: number,
): Layout {
  const table = constructTable<typeof features, Row>({
    features,
    data: [],
    columns: shown.map((column) => ({
      id: column.name,
      accessorFn: (row: Row) => row.values[column.name],
      size: widthOf(column, widths),
      minSize: NARROWEST,
    })),
    initialState: {
      columnOrder: shown.map((column) => column.name),
      columnPinning: { start: shown.filter((column) => pinned.includes(column.name)).map((one) => one.name), end: [] },
    },
  });
  const known = new Map(shown.map((column) => [column.name, column]));
  const stuck = table.getStartVisibleLeafColumns();
  const loose = table.getCenterVisibleLeafColumns();
  const pinnedWidth = before + stuck.reduce((sum, column) => sum + column.getSize(), 0);
  const laid = (columns: typeof stuck, from: number, isPinned: boolean) => {
    let left = from;
    return columns.map((one) => {
      const at = { column: known.get(one.id) as Column, left, width: one.getSize(), pinned: isPinned };
      left += at.width;
      return at;
    });
  };
  const columns = [...laid(stuck, before, true), ...laid(loose, pinnedWidth, false)];
  return { columns, pinnedWidth, width: pinnedWidth + loose.reduce((sum, column) => sum + column.getSize(), 0) };
}

/** The style of a column's cells; `gap` pixels of columns beside it are not drawn. */
export function placed(laid: Laid, gap: number) {
  return {
    width: `${laid.width}px`,
    left: laid.pinned ? `${laid.left}px` : undefined,
    marginLeft: gap ? `${gap}px` : undefined,
  };
}

/** The columns to draw in a window: all pinned ones, and of the others those that it shows. */
export function inWindow(layout: Layout, scroll: number, width: number): { columns: Laid[]; skipped: number } {
  const loose = layout.columns.filter((one) => !one.pinned);
  const from = scroll + layout.pinnedWidth - 200;
  const to = scroll + width + 200;
  const seen = loose.filter((one) => one.left + one.width > from && one.left < to);
  const skipped = seen[0] ? seen[0].left - layout.pinnedWidth : 0;
  return { columns: [...layout.columns.filter((one) => one.pinned), ...seen], skipped };
}
