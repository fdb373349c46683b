import assert from "node:assert/strict";
import { test } from "node:test";
import { quantile } from "./quantile";

const SHARES = [0, 0.02, 0.1, 0.5, 0.9, 0.98, 1];

/** Numbers that look like chance and are the same each time. */
function drawn(count: number, of: (at: number) => number): Float64Array {
  let seed = 1;
  const next = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
  return Float64Array.from({ length: count }, () => of(next()));
}

const many = {
  "any numbers": drawn(1000, (at) => at),
  "many alike": drawn(1000, (at) => Math.floor(4 * at)),
  "one number": drawn(500, () => 3),
  "in order": drawn(500, (at) => at).sort(),
  "in the other order": drawn(500, (at) => at).sort().reverse(),
  "two": Float64Array.of(2, 1),
  "one": Float64Array.of(7),
};

for (const [name, values] of Object.entries(many)) {
  test(`a quantile is what stands there when they are sorted: ${name}`, () => {
    const sorted = values.slice().sort();
    const places = SHARES.map((share) => sorted[Math.round(share * (sorted.length - 1))]);
    const asked = values.slice();
    assert.deepEqual(SHARES.map((share) => quantile(asked, share)), places);
    assert.deepEqual(asked.sort(), sorted, "all of them are still there");
  });
}

test("of no numbers there is none", () => assert.ok(Number.isNaN(quantile(new Float64Array(0), 0.5))));
