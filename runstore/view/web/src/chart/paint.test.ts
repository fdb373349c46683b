import assert from "node:assert/strict";
import { test } from "node:test";
import { series } from "../data/sample";
import type { Series } from "../data/frame";
import { paint } from "./paint";
import { smooth } from "./smoothing";

/** What is called on a canvas while one curve is painted between 0 and 10. */
function painted(one: Series, moving = false): [string, ...number[]][] {
  const calls: [string, ...number[]][] = [];
  const call = (name: string) => (...given: number[]) => void calls.push([name, ...given]);
  const context = new Proxy({} as Record<string, unknown>, { get: (held, name: string) => held[name] ?? call(name) });
  const curve = { id: "a", label: "a", look: { colour: "red", hue: "red", dash: [] }, series: one, line: smooth(one, 0) };
  paint(context as never, {
    width: 300, height: 100, density: 1, x: { low: one.x[0]!, high: one.x.at(-1)! }, y: { low: 0, high: 10 }, logX: false, logY: false, curves: [curve], raw: false, moving,
  }); // prettier-ignore
  return calls;
}

/** How high the tips are of the triangles that point at something out of view. */
function tips(calls: [string, ...number[]][]): number[] {
  const triangle = (at: number): boolean => ["moveTo", "lineTo", "lineTo", "fill"].every((name, place) => calls[at - 3 + place]?.[0] === name);
  return calls.flatMap((_, at) => (triangle(at) ? [calls[at - 1]![2]!] : []));
}

test("what is above, below, and no number has a mark each; what is in view has none", () => {
  const usual = series([0, 1, 2, 3], [1, 2, 3, 4]);
  assert.deepEqual(tips(painted(usual)), []);
  const max = usual.max.slice(), min = usual.min.slice(), inf = usual.inf.slice(); // prettier-ignore
  max[1] = 20;
  assert.equal(tips(painted({ ...usual, max })).filter((y) => y < 10).length, 1);
  min[2] = -5;
  assert.equal(tips(painted({ ...usual, min })).filter((y) => y > 90).length, 1);
  inf[3] = 1;
  assert.equal(tips(painted({ ...usual, inf })).filter((y) => y > 80).length, 1);
});

test("while it moves a band is a third as many rectangles, and as high as ever", () => {
  const xs = Array.from({ length: 300 }, (_, at) => at);
  const flat = series(xs, xs.map(() => 5));
  const max = flat.max.slice().fill(6), min = flat.min.slice().fill(4); // prettier-ignore
  max[100] = 9;
  const [still, moving] = [false, true].map((moves) => painted({ ...flat, max, min }, moves).filter(([name]) => name === "fillRect"));
  assert.ok(moving!.length <= still!.length / 3 + 1 && moving!.length > 90, `${moving!.length} of ${still!.length}`);
  const top = (calls: typeof still): number => Math.min(...calls!.map(([, , y]) => y as number));
  assert.equal(top(moving), top(still));
  assert.equal(top(moving), 10);
});
