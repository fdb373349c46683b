import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenColumns, quoted, rowsOf } from "./below";

const column = (name: string, of: string, differs?: boolean) => ({ name, label: name, type: "number", of, ...(differs === undefined ? {} : { differs }) });

test("params that are the same in all runs are left out, metrics are not", () => {
  const found = chosenColumns([column("a", "param", false), column("b", "param", true), column("m", "metric"), column("f", "field")]);
  assert.deepEqual(found.map((one) => one.name), ["b", "m"]);
});

test("rows are read by the names of their columns, wherever these stand", () => {
  const [row] = rowsOf({ total: 1, columns: [{ name: "duration" }, { name: "run_id" }, { name: "last.loss" }], rows: [[3, "r", 0.5]] });
  assert.deepEqual([row?.run_id, row?.duration_s, row?.name, row?.cells["last.loss"]], ["r", 3, null, 0.5]);
});

test("a quote in a text does not end it", () => {
  assert.equal(quoted("it's"), "'it''s'");
});
