import assert from "node:assert/strict";
import { test } from "node:test";

import { cells, laidOut, look } from "./looks";

test("a name's ending tells how it is looked at", () => {
  assert.deepEqual(["a/b.PNG", "x.svg", "m.pkl", "t.csv", "Dockerfile"].map((path) => look(path)),
    ["image", "framed", "none", "table", "text"]);
});

test("a media type tells where the name does not", () => {
  assert.equal(look("sample_1700000000", "audio/wav"), "audio");
  assert.equal(look("chart", "image/svg+xml"), "framed");
  assert.equal(look("fit.json", "application/vnd.plotly.v1+json"), "framed");
});

test("quoted cells hold commas, quotes and line feeds", () => {
  assert.deepEqual(cells('a,b\r\n"1,\n2","say ""x"""\n'), [["a", "b"], ["1,\n2", 'say "x"']]);
});

test("a last row without a line feed is a row", () => {
  assert.deepEqual(cells("a\tb\n1\t"), [["a", "b"], ["1", ""]]);
});

test("no more rows are read than asked for", () => {
  assert.equal(cells("a\n".repeat(10), 3).length, 3);
});

test("JSON is set out, and what is none is left alone", () => {
  assert.equal(laidOut('{"a":1}'), '{\n  "a": 1\n}');
  assert.equal(laidOut("{"), "{");
});
