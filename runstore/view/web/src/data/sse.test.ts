import assert from "node:assert/strict";
import { test } from "node:test";
import { Messages, pause } from "./sse";

test("messages come whole wherever the stream is cut", () => {
  const text = 'event: changed\ndata: {"a":1}\n\n: a comment\n\nevent: beat\r\ndata:\r\n\r\n';
  for (let size = 1; size <= text.length; size++) {
    const messages = new Messages();
    const found = [];
    for (let at = 0; at < text.length; at += size) found.push(...messages.take(text.slice(at, at + size)));
    assert.deepEqual(found, [
      { event: "changed", data: '{"a":1}' },
      { event: "beat", data: "" },
    ], `pieces of ${size}`); // prettier-ignore
  }
});

test("several lines of data are one text", () => {
  assert.deepEqual(new Messages().take("data: a\ndata: b\n\n"), [{ event: "message", data: "a\nb" }]);
});

test("tries come ever more slowly, up to 15 s", () => {
  assert.deepEqual([1, 2, 3, 20].map(pause), [500, 1000, 2000, 15_000]);
});
