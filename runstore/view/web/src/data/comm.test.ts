import assert from "node:assert/strict";
import { test } from "node:test";
import { CommSource, type Said } from "./comm";
import { encode } from "./frame";
import { series } from "./sample";
import type { CurveRequest } from "./source";

interface Asked {
  kind: string;
  ask: string;
  keys: string[];
}

/** A comm of which the test is the other end. */
function made() {
  const sent: Asked[] = [];
  const listeners = new Set<(message: Said, buffers: readonly DataView[]) => void>();
  const source = new CommSource({
    send: (message) => void sent.push(message as Asked),
    hear: (heard) => (listeners.add(heard), () => void listeners.delete(heard)),
  });
  const say = (message: Said, ...buffers: Uint8Array[]): void => {
    for (const one of listeners) one(message, buffers.map((data) => new DataView(data.buffer, data.byteOffset, data.byteLength)));
  };
  const answer = (asked: Asked, value: unknown): void =>
    say({ kind: "answer", ask: asked.ask, told: asked.keys.map((key) => ({ key, status: 200, buffer: 0 })) }, json(value));
  return { source, sent, say, answer, listeners };
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const tick = (): Promise<void> => new Promise((done) => setTimeout(done, 0));
const changed: Said = { kind: "changed", changed: { cursor: "c", runs: ["a"], listed: false } };
const request: CurveRequest = { key: "k", metric: "loss", runs: ["a"], group: null, x: "step", low: null, high: null, points: 4 };

test("questions of one tick go out as one message, the same ones once", async () => {
  const { source, sent, answer } = made();
  const both = [source.json("workspace"), source.json("workspace"), source.json("runs", { limit: 3 })];
  await tick();
  assert.deepEqual(sent.map(({ keys }) => keys), [['["get","workspace"]', '["get","runs?limit=3"]']]); // prettier-ignore
  answer(sent[0]!, { name: "lab" });
  assert.deepEqual(await Promise.all(both), [{ name: "lab" }, { name: "lab" }, { name: "lab" }]);
});

test("what was refused says why and what to do", async () => {
  const { source, sent, say } = made();
  const asked = source.json("runs/x");
  await tick();
  say({ kind: "answer", ask: sent[0]!.ask, told: [{ key: sent[0]!.keys[0]!, status: 404, error: "no run x", hint: "name another" }] });
  await assert.rejects(asked, { name: "Refusal", message: "no run x", status: 404, hint: "name another" });
});

test("a question that the kernel can't hear is not sent again, and settled by an answer that comes unasked", async () => {
  const { source, sent, say, answer } = made();
  const first = source.json("runs/a");
  await tick();
  for (let time = 0; time < 5; time++) {
    say(changed);
    void source.json("runs/a").catch(() => undefined);
  }
  const last = source.json("runs/a");
  await tick();
  assert.equal(sent.length, 1);
  say({ kind: "fresh", told: [{ key: sent[0]!.keys[0]!, status: 200, buffer: 0 }] }, json({ points: 7 }));
  assert.deepEqual(await Promise.all([first, last]), [{ points: 7 }, { points: 7 }]);
  answer(sent[0]!, { points: 8 });
  const again = source.json("runs/a");
  await tick();
  answer(sent[1]!, { points: 9 });
  assert.deepEqual(await again, { points: 9 });
});

test("who asks after a change is not told what was answered before it", async () => {
  const { source, sent, say, answer } = made();
  const before = source.json("runs/a");
  await tick();
  say(changed);
  const after = source.json("runs/a");
  answer(sent[0]!, 1);
  assert.equal(await before, 1);
  await tick();
  answer(sent[1]!, 2);
  assert.equal(await after, 2);
});

test("curves of several questions come as one frame", async () => {
  const { source, sent, say } = made();
  const asked = source.frame([request, { ...request, key: "other", metric: "acc" }, { ...request, key: "bad", metric: "x" }]);
  await tick();
  const frame = new Uint8Array(encode([series([0], [1], { key: "0" }), series([0, 1], [2, 3], { key: "1" })]));
  const odd = new Uint8Array(frame.length + 3).subarray(3); // as it may lie in a message
  odd.set(frame);
  const [loss, acc, bad] = sent[0]!.keys as [string, string, string];
  const told = [{ key: loss, status: 200, buffer: 0, part: "0" }, { key: acc, status: 200, buffer: 0, part: "1" }];
  say({ kind: "answer", ask: sent[0]!.ask, told: [...told, { key: bad, status: 400, error: "no" }] }, odd);
  const found = await asked;
  assert.deepEqual(found.series.map((one) => [one.key, one.n]), [["k", 1], ["other", 2]]); // prettier-ignore
  assert.deepEqual(found.errors, [{ key: "bad", error: "no" }]);
});

test("what is for another view is not taken", async () => {
  const { source, sent, say, answer } = made();
  const asked = source.json("workspace");
  await tick();
  say({ kind: "answer", ask: "other-1", told: [{ key: sent[0]!.keys[0]!, status: 200, buffer: 0 }] }, json("not mine"));
  answer(sent[0]!, "mine");
  assert.equal(await asked, "mine");
});

test("who left is told nothing, and a closed source hears nothing", async () => {
  const { source, sent, answer, listeners } = made();
  const stop = new AbortController();
  const left = source.json("workspace", {}, stop.signal);
  await tick();
  stop.abort(new Error("left"));
  await assert.rejects(left, /left/);
  answer(sent[0]!, 1);
  const open = source.json("runs");
  source.close();
  await assert.rejects(open, /closed/);
  assert.equal(listeners.size, 0);
});

test("what could run is never an address of the notebook's own origin", async () => {
  const { source, sent, say } = made();
  const addresses = [];
  for (const type of ["text/html", "image/svg+xml", "application/xhtml+xml", "", "image/png"]) {
    const asked = source.file("runs/a/file", { path: type });
    await tick();
    const { ask, keys } = sent.at(-1)!;
    say({ kind: "answer", ask, told: [{ key: keys[0]!, status: 200, buffer: 0, media_type: type }] }, json("x"));
    addresses.push((await asked).url.split(":")[0]);
  }
  assert.deepEqual(addresses, ["data", "data", "data", "data", "blob"]);
});
