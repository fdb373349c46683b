import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bytes, unpacked } from "./blocks";

const packed = gzipSync(Buffer.from("ünïcode".repeat(100))).toString("base64");

test("what was packed is unpacked, by the browser or where it can't", async () => {
  for (const stream of [DecompressionStream, null]) {
    const found = Buffer.from(await unpacked(packed, stream)).toString();
    assert.equal(found, "ünïcode".repeat(100));
  }
});

test("base64 is read as bytes", () => assert.deepEqual([...bytes("AP8Q")], [0, 255, 16]));
