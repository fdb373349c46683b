import assert from "node:assert/strict";
import { test } from "node:test";
import type { Series } from "../data/frame";
import { Asking, requestOf } from "./fetching";

test("a zoom asks for as much again to its left, where smoothing gets warm", () => {
  const wanted = { metric: "loss", runs: ["a"], group: null, x: "step" };
  const { low, high, points } = requestOf(wanted, { low: 99.5, high: 200 }, 500);
  assert.deepEqual([low, high, points], [-1, 200, 1000]);
  assert.equal(requestOf(wanted, null).low, null);
});

function slow(): { asking: Asking; asked: () => number; answer(): Promise<void>; told: Series[][]; errors: Error[] } {
  const waiting: ((series: Series[]) => void)[] = [];
  const told: Series[][] = [];
  const errors: Error[] = [];
  let count = 0;
  const get = () => (count++, new Promise<Series[]>((done) => waiting.push(done)));
  const asking = new Asking(get, (series) => told.push(series), (error) => errors.push(error)); // prettier-ignore
  const answer = async () => (waiting.shift()!([]), await new Promise((done) => setImmediate(done)));
  return { asking, asked: () => count, answer: answer as () => Promise<void>, told, errors };
}

test("news while an answer is awaited does not stop it, and is asked for once after it", async () => {
  const { asking, asked, answer, told } = slow();
  for (let news = 0; news < 5; news++) asking.ask();
  assert.equal(asked(), 1);
  await answer();
  assert.deepEqual([told.length, asked()], [1, 2]);
  await answer();
  assert.deepEqual([told.length, asked()], [2, 2]);
});

test("who stopped hears nothing more", async () => {
  const { asking, asked, answer, told } = slow();
  asking.ask();
  asking.ask();
  asking.stop();
  await answer();
  assert.deepEqual([told.length, asked()], [0, 1]);
});
