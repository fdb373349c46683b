import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event, Source } from "../data/source";
import { both, Live } from "./live";

function talking(): { live: Live; say(event: Event): void } {
  let heard: (event: Event) => void = () => undefined;
  const source = { live: true, events: (hear: typeof heard) => ((heard = hear), () => undefined) } as unknown as Source;
  return { live: new Live(source), say: (event) => heard(event) };
}
const changed = (run: string, listed = false): Event => ({ kind: "changed", changed: { cursor: run, runs: [run], listed } });

test("what comes while paused is told together afterwards", () => {
  const { live, say } = talking();
  live.toggle();
  say(changed("a", true));
  say(changed("b"));
  assert.equal(live.changed.value, null);
  live.toggle();
  assert.deepEqual(live.changed.value, { cursor: "b", runs: ["a", "b"], listed: true });
  assert.equal(live.listed.value, 1);
});
test("the first word only tells where the source stands", () => {
  const { live, say } = talking();
  say({ kind: "changed", changed: { cursor: "0", runs: [], listed: false } });
  assert.equal(live.changed.value, null);
});
test("a run that went before the first word is heard of", () => {
  const { live, say } = talking();
  say({ kind: "changed", changed: { cursor: "0", runs: [], listed: true } });
  assert.equal(live.listed.value, 1);
});
test("a connection lost while paused shows when it goes on", () => {
  const { live, say } = talking();
  live.toggle();
  say({ kind: "lost", error: new Error() });
  assert.equal(live.state.value, "paused");
  live.toggle();
  assert.equal(live.state.value, "lost");
});
test("the later change's cursor counts", () => {
  assert.equal(both({ cursor: "1", runs: [], listed: true }, { cursor: "2", runs: [], listed: false }).cursor, "2");
});
