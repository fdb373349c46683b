import assert from "node:assert/strict";
import { test } from "node:test";
import type { Query, Source } from "../data/source";
import { Windows } from "./windows";

function asked() {
  const queries: Query[] = [];
  const json = (_: string, query: Query) => {
    queries.push(query);
    const from = Number(query["offset"]);
    const rows = Array.from({ length: 100 }, (_, place) => [`run ${from + place}`]);
    return Promise.resolve({ total: 1000, columns: [{ name: "run_id" }], rows });
  };
  return { queries, windows: new Windows({ json } as unknown as Source) };
}
const settled = () => new Promise((done) => setTimeout(done, 0));

test("rows that are looked at come by the hundred, once", async () => {
  const { queries, windows } = asked();
  assert.equal(windows.row("", 250), null);
  windows.row("", 299);
  await settled();
  assert.equal(windows.row("", 250)?.id, "run 250");
  assert.deepEqual(queries.map((query) => query["offset"]), [200]);
});
test("old rows stay until new ones have come", async () => {
  const { queries, windows } = asked();
  windows.row("", 0);
  await settled();
  windows.ask({ experiment: "x", sort: [{ column: "lr", descending: true }], columns: [] });
  assert.equal(windows.row("", 0)?.id, "run 0");
  assert.equal(windows.fresh(""), false);
  await settled();
  assert.equal(windows.fresh(""), true);
  assert.deepEqual(queries[1]?.["sort"], ["lr desc"]);
});
test("a question that failed is not asked again by itself", async () => {
  let tries = 0;
  const windows = new Windows({ json: () => (tries++, Promise.reject(new Error("no"))) } as unknown as Source);
  windows.row("", 0);
  await settled();
  windows.row("", 0);
  assert.equal(windows.error.value?.message, "no");
  assert.equal(tries, 1);
});
test("changes that come faster than answers wait for these", async () => {
  const { queries, windows } = asked();
  windows.row("", 0);
  windows.renewSoon();
  windows.renewSoon();
  assert.equal(queries.length, 1);
  await settled();
  assert.equal(windows.fresh(""), false);
  windows.row("", 0);
  assert.equal(queries.length, 2);
});
