import assert from "node:assert/strict";
import { test } from "node:test";
import { Asking } from "./asking";

function slow(): { asking: Asking<string>; asked: () => number; answer(): Promise<void>; told: string[]; errors: Error[] } {
  const waiting: ((answer: string) => void)[] = [];
  const told: string[] = [];
  const errors: Error[] = [];
  let count = 0;
  const get = () => (count++, new Promise<string>((done) => waiting.push(done)));
  const asking = new Asking(get, (answer) => told.push(answer), (error) => errors.push(error)); // prettier-ignore
  const answer = async () => (waiting.shift()!(""), await new Promise((done) => setImmediate(done)));
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

test("a source that was slow rests as long as it took", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  let count = 0;
  const get = () => (count++, (now += 400), Promise.resolve(""));
  const settled = () => new Promise((done) => setImmediate(done));
  const asking = new Asking(get, () => undefined, assert.fail, true, () => now); // prettier-ignore
  asking.ask();
  asking.ask();
  await settled();
  context.mock.timers.tick(399);
  await settled();
  assert.equal(count, 1);
  context.mock.timers.tick(1);
  await settled();
  assert.equal(count, 2);
});
