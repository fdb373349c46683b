import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { drawn } from "./figure";

test("a figure stands between the parts of its page, and ends no element", async () => {
  const library = gzipSync(Buffer.from("const Plotly = 1")).toString("base64");
  const page = await drawn({ parts: ["A", "B", "C"], library }, '{"name": "</script>"}');
  assert.equal(await page.text(), '<!doctype html>A{"name": "\\u003c/script>"}B<script>const Plotly = 1</script>C');
  assert.equal(page.type, "text/html;charset=utf-8");
});
