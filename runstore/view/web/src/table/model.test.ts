import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column } from "./columns";
import { inWindow, layOutColumns } from "./model";

const columns: Column[] = ["a", "b", "c"].map((name) => ({ name, label: name, type: "number", of: "param" }));
const layout = layOutColumns(columns, ["b"], { a: 100, b: 50, c: 3 }, 60);

test("pinned columns lie first, after the table's own cells", () => {
  assert.deepEqual(layout.columns.map((one) => [one.column.name, one.left, one.width]), [
    ["b", 60, 50],
    ["a", 110, 100],
    ["c", 210, 48],
  ]);
  assert.equal(layout.width, 258);
});
test("only columns in the window are drawn, and the pinned ones", () => {
  const many = Array.from({ length: 50 }, (_, place) => ({ ...(columns[0] as Column), name: `x${place}` }));
  const wide = layOutColumns([...columns, ...many], ["b"], {}, 0);
  const { columns: seen, skipped } = inWindow(wide, 2000, 500);
  assert.equal(seen[0]?.column.name, "b");
  assert.ok(seen.length < 15);
  assert.equal(skipped, (seen[1]?.left ?? 0) - wide.pinnedWidth);
});
