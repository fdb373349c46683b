import assert from "node:assert/strict";
import { test } from "node:test";
import { Curves } from "./cache";
import type { Series } from "./frame";
import { series } from "./sample";
import type { CurveRequest, Source } from "./source";

const request: CurveRequest = { key: "k", metric: "loss", runs: ["a", "b"], group: null, x: "step", low: null, high: null, points: 4 };

function source(answer: (request: CurveRequest) => Series[]): { source: Source; sent: CurveRequest[][] } {
  const sent: CurveRequest[][] = [];
  const frame = async (requests: readonly CurveRequest[]) => {
    sent.push([...requests]);
    return { cursor: null, series: requests.flatMap((one) => answer(one).map((found) => ({ ...found, key: one.key }))) };
  };
  return { source: { live: true, finer: true, frame } as unknown as Source, sent };
}

const whole = (one: CurveRequest): Series[] => one.runs!.map((run) => series([0, 10, 20, 30], [1, 2, 3, 4], { run_id: run }));

test("requests of one tick go out as one", async () => {
  const { source: from, sent } = source(whole);
  const curves = new Curves(from);
  const both = await Promise.all([curves.get(request), curves.get({ ...request, metric: "accuracy", key: "m" })]);
  assert.equal(sent.length, 1);
  assert.deepEqual(both.map((found) => found.map((one) => one.key)), [["k", "k"], ["m", "m"]]); // prettier-ignore
});

test("the first charts of a page don't wait for the others, and who leaves meanwhile is not asked for", async () => {
  const { source: from, sent } = source(whole);
  const stop = new AbortController();
  const leaving = { ...from, frame: (requests: readonly CurveRequest[]) => (stop.abort(new Error("left")), from.frame(requests)) };
  const curves = new Curves(leaving as unknown as Source);
  const asked = (metrics: string): Promise<Series[]>[] => [...metrics].map((metric) => curves.get({ ...request, metric }));
  const first = asked("abcd");
  await Promise.all([...first, assert.rejects(curves.get({ ...request, metric: "z" }, stop.signal), /left/)]);
  await Promise.all(asked("efgh"));
  assert.deepEqual(sent.map((one) => one.map(({ metric }) => metric).join("")), ["ab", "cd", "efgh"]); // prettier-ignore
});

test("what is known is not asked for again", async () => {
  const { source: from, sent } = source(whole);
  const curves = new Curves(from);
  await curves.get(request);
  await curves.get({ ...request, key: "another" });
  assert.equal(sent.length, 1);
});

test("of a run that changed only the tail is asked for", async () => {
  const { source: from, sent } = source((one) =>
    one.low === null ? whole(one) : [series([one.low!, 40], [4.5, 5], { run_id: "a" })],
  );
  const curves = new Curves(from);
  await curves.get(request);
  curves.heard(["a"]);
  const now = await curves.get(request);
  await curves.get(request);
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[1]!.map((one) => [one.runs, one.low]), [[["a"], 24]]); // prettier-ignore
  assert.deepEqual(now.map((one) => [...one.x]), [[0, 10, 20, 24, 40], [0, 10, 20, 30]]); // prettier-ignore
});

test("a change of other runs asks for nothing", async () => {
  const { source: from, sent } = source(whole);
  const curves = new Curves(from);
  await curves.get(request);
  curves.heard(["z"]);
  await curves.get(request);
  assert.equal(sent.length, 1);
});

test("who left before it was sent is not asked for", async () => {
  const { source: from, sent } = source(whole);
  const curves = new Curves(from);
  const stop = new AbortController();
  const left = curves.get(request, stop.signal);
  stop.abort(new Error("left"));
  await assert.rejects(left, /left/);
  assert.equal(sent.length, 0);
});

test("what was refused fails alone", async () => {
  const { source: from } = source(whole);
  const refusing = { ...from, frame: async (requests: readonly CurveRequest[]) => ({ ...(await from.frame(requests.slice(1))), errors: [{ key: requests[0]!.key, error: "no such column" }] }) };
  const curves = new Curves(refusing as unknown as Source);
  const bad = curves.get({ ...request, where: "x" });
  const good = curves.get(request);
  await assert.rejects(bad, /no such column/);
  assert.equal((await good).length, 2);
});

test("more requests than one frame answers go out in several", async () => {
  const { source: from, sent } = source(whole);
  const curves = new Curves(from);
  await Promise.all(Array.from({ length: 100 }, (_, at) => curves.get({ ...request, metric: `m${at}` })));
  assert.deepEqual(sent.map((one) => one.length), [2, 64, 34]);
});

test("a curve of which a run ended is asked for whole", async () => {
  const { source: from, sent } = source(whole);
  const curves = new Curves(from);
  await curves.get(request);
  curves.heard(["a"], true);
  await curves.get(request);
  assert.equal(sent[1]![0]!.low, null);
  curves.heard(["a"]);
  await curves.get(request);
  assert.equal(sent[2]![0]!.low, 24);
});

test("a tail that is cut too coarsely is not laid over: all is asked for", async () => {
  const { source: from, sent } = source((one) =>
    one.low === null ? whole(one) : [series([one.low!, 9000], [4.5, 5], { run_id: "a", low: one.low!, high: 90000, points: 1 })],
  );
  const curves = new Curves(from);
  await curves.get({ ...request, points: 4 });
  curves.heard(["a"]);
  await curves.get({ ...request, points: 4 });
  assert.deepEqual(sent.map((one) => one[0]!.low), [null, 24, null]);
});

test("news waits while a frame is on its way, and is told once after it", async () => {
  const { source: from } = source(whole);
  const answers: (() => void)[] = [];
  const slow = { ...from, frame: (requests: readonly CurveRequest[]) => new Promise((done) => answers.push(() => done(from.frame(requests)))) };
  const curves = new Curves(slow as unknown as Source);
  const settled = () => new Promise((done) => setTimeout(done, 5));
  const first = curves.get(request);
  await settled();
  for (let news = 0; news < 3; news++) curves.heard(["a"]);
  assert.equal(curves.version.value, 0);
  answers.shift()!();
  await first;
  await settled();
  assert.equal(curves.version.value, 1);
  curves.heard(["a"]);
  assert.equal(curves.version.value, 2);
});
