import assert from "node:assert/strict";
import { test } from "node:test";

import { literal, ofFile, ofMetric, ofSnapshot, sqlOf } from "./snippets";

test("text is a Python literal whatever is in it", () => {
  assert.deepEqual(["a", 'say "x"', "C:\\runs", "two\nlines"].map(literal),
    ['"a"', "'say \"x\"'", '"C:\\\\runs"', '"two\\nlines"']);
});

test("a file's snippet downloads it under its last name", () => {
  assert.match(ofFile("runs", "abc", "outputs/model.pkl"), /run\.download_file\("outputs\/model\.pkl", "model\.pkl"\)/);
});

test("a name cannot break out of a snippet", () => {
  assert.match(ofMetric("w", "r", '"); import os'), /get_metrics\('"\); import os'\)/);
});

test("a snapshot is restored whole", () => {
  assert.match(ofSnapshot("w", "r"), /run\.restore_snapshot\(path="snapshot"\)/);
});

test("a name cannot break out of SQL either", () => {
  const told = sqlOf("r'", { metric: "it's" });
  assert.equal(told.split("\n")[2], "WHERE run_id = 'r''' AND name = 'it''s'");
  assert.match(sqlOf("r", { table: "t" }), /FROM rows\nWHERE run_id = 'r' AND name = 't'/);
  assert.match(sqlOf("r", {}), /WHERE run_id = 'r'\nORDER/);
});
