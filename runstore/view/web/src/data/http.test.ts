import assert from "node:assert/strict";
import { test } from "node:test";
import { Held, HttpSource, written } from "./http";
import type { Changed } from "./source";

test("a query leaves out what is not said", () => {
  assert.equal(written({}), "");
  assert.equal(written({ a: null, b: undefined, c: "x y", d: ["1", "2"], e: true, f: 0 }), "?c=x+y&d=1%2C2&e=1&f=0");
});

test("a name with a comma in it stays one", () => {
  assert.equal(written({ columns: ["a,b"] }), "?columns=a%2Cb&columns=");
  assert.equal(written({ columns: ["a,b", "c"] }), "?columns=a%2Cb&columns=c&columns=");
});

test("changes wait while the tab is hidden, and are told as one", () => {
  let hidden = true;
  const told = new Array<Changed>();
  const held = new Held((changed) => told.push(changed), () => hidden); // prettier-ignore
  held.take({ cursor: "1", runs: ["a"], listed: true });
  held.take({ cursor: "2", runs: ["a", "b"], listed: false });
  assert.equal(told.length, 0);
  hidden = false;
  held.look();
  held.look();
  assert.deepEqual(told, [{ cursor: "2", runs: ["a", "b"], listed: true }]);
  held.take({ cursor: "3", runs: ["c"], listed: false });
  assert.deepEqual(told.map((one) => one.cursor), ["2", "3"]);
});

test("what was asked ahead is asked once, and anew by whoever asks again", async (context) => {
  const asked = context.mock.method(globalThis, "fetch", async (url: string) => new Response(JSON.stringify({ url })));
  const source = new HttpSource("t");
  source.ahead("runs", { limit: 1 });
  assert.deepEqual(await source.json("columns"), { url: "api/columns" });
  assert.deepEqual(await source.json("runs", { limit: 1 }), { url: "api/runs?limit=1" });
  assert.equal(asked.mock.callCount(), 2);
  await source.json("runs", { limit: 1 });
  assert.equal(asked.mock.callCount(), 3);
});

test("who asks hears what was wrong with what was asked ahead", async (context) => {
  context.mock.method(globalThis, "fetch", async () => new Response(JSON.stringify({ error: "no such column" }), { status: 400 }));
  const source = new HttpSource("t");
  source.ahead("runs", {});
  await assert.rejects(source.json("runs"), /no such column/);
});

test("curves that were asked ahead are given once to whoever asks for just these", async (context) => {
  const request = { key: "loss", metric: "loss", runs: ["a"], group: null, x: "step", low: null, high: null, points: 5 };
  const asked = context.mock.method(globalThis, "fetch", async () => new Response(framed({ series: [], errors: [{ key: "1", error: "no such metric" }] })));
  const source = new HttpSource("t");
  source.framesAhead([request, { ...request, metric: "nope" }]);
  assert.deepEqual(await source.early({ ...request, key: "another" }), []);
  assert.equal(source.early(request), undefined);
  await assert.rejects(source.early({ ...request, metric: "nope" })!, /no such metric/);
  assert.equal(source.early({ ...request, points: 6 }), undefined);
  assert.equal(asked.mock.callCount(), 1);
});

test("what was asked ahead long ago is not told any more", async (context) => {
  context.mock.method(globalThis, "fetch", async () => new Response("{}"));
  const now = context.mock.method(performance, "now", () => 0);
  const source = new HttpSource("t");
  void source.ahead("runs", {});
  now.mock.mockImplementation(() => 11_000);
  const asked = context.mock.method(globalThis, "fetch", async () => new Response(JSON.stringify({ new: true })));
  assert.deepEqual(await source.json("runs"), { new: true });
  assert.equal(asked.mock.callCount(), 1);
});

test("events are heard from where the first answer stood", async (context) => {
  const asked = new Array<string>();
  context.mock.method(globalThis, "fetch", async (url: string) => {
    asked.push(url);
    return new Response(url.includes("events") ? null : "{}", { headers: { "runstore-cursor": `c-${asked.length}` }, status: url.includes("events") ? 500 : 200 });
  });
  const held = globalThis as { document?: unknown };
  held.document = { visibilityState: "visible", addEventListener: () => undefined, removeEventListener: () => undefined };
  context.after(() => delete held.document);
  const source = new HttpSource("t");
  await source.json("runs");
  await source.json("columns");
  const stop = source.events(() => undefined);
  await new Promise((done) => setTimeout(done));
  stop();
  assert.equal(asked[2], "api/events?cursor=c-1");
});

/** A frame that is only a header. */
function framed(header: object): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify({ cursor: null, ...header }));
  const found = new Uint8Array(4 + text.length + ((12 - ((4 + text.length) % 8)) % 8) + 8);
  new DataView(found.buffer).setUint32(0, text.length, true);
  found.set(text, 4);
  return found;
}
