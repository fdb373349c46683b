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
