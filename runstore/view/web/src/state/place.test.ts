import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { address, type Place } from "./place";

/** A browser's address and history, and a clock. */
function browser() {
  const entries = [""];
  const heard = new Map<string, () => void>();
  let writes = 0;
  const put = (hash: string): void => void (entries[entries.length - 1] = hash);
  const window = {
    location: { get hash() { return entries.at(-1)!; } }, // prettier-ignore
    history: { replaceState: (_: null, __: string, hash: string) => (writes++, put(hash)), pushState: (_: null, __: string, hash: string) => void entries.push(hash) },
    addEventListener: (name: string, listener: () => void) => void heard.set(name, listener),
    removeEventListener: (name: string) => void heard.delete(name),
  };
  Object.assign(globalThis, { window });
  return { entries, put, tell: (name: string) => heard.get(name)!(), writes: () => writes };
}

function open(run: (place: Place, seen: ReturnType<typeof browser>) => void): void {
  mock.timers.enable({ apis: ["setTimeout"] });
  let now = 1000;
  const clock = mock.method(performance, "now", () => now);
  const tick = mock.timers.tick.bind(mock.timers);
  const passed = mock.method(mock.timers, "tick", (by: number) => ((now += by), tick(by)));
  try {
    run(address(), browser());
  } finally {
    passed.mock.restore();
    clock.mock.restore();
    mock.timers.reset();
  }
}

const many = (place: Place, count = 100): void => {
  for (let at = 1; at <= count; at++) place.write(`#${at}`, true);
};

test("some changes are in the address at once", () =>
  open((place, seen) => {
    for (let at = 0; at < 30; at++) {
      place.write(`#${at}`, true);
      assert.deepEqual(seen.entries, [`#${at}`]);
    }
  }));

test("of very many the last one is written, and what is read is the newest", () =>
  open((place, seen) => {
    many(place);
    assert.deepEqual([place.read(), seen.entries[0]], ["#100", "#30"]);
    mock.timers.tick(500);
    assert.deepEqual(seen.entries, ["#100"]);
    assert.equal(seen.writes(), 31);
  }));

test("after a while they are written at once again", () =>
  open((place, seen) => {
    many(place);
    mock.timers.tick(1500);
    place.write("#then", true);
    assert.deepEqual(seen.entries, ["#then"]);
  }));

test("thirty seconds of moving are fewer changes than a browser allows", () =>
  open((place, seen) => {
    for (let at = 0; at < 1000; at++) {
      place.write(`#${at}`, true);
      mock.timers.tick(30);
    }
    assert.ok(seen.writes() < 100, `${seen.writes()}`);
  }));

test("the page before is left as it was last", () =>
  open((place, seen) => {
    many(place);
    place.write("#other", false);
    assert.deepEqual(seen.entries, ["#100", "#other"]);
    mock.timers.tick(1000);
    assert.deepEqual(seen.entries, ["#100", "#other"]);
  }));

test("who goes back is not brought back again by what was still to be written", () =>
  open((place, seen) => {
    let heard = 0;
    place.listen(() => heard++);
    many(place);
    seen.put("#typed");
    seen.tell("hashchange");
    mock.timers.tick(1000);
    assert.deepEqual([place.read(), heard], ["#typed", 1]);
  }));

test("a page that is closed has written all", () =>
  open((place, seen) => {
    place.listen(() => undefined);
    many(place);
    seen.tell("pagehide");
    assert.deepEqual(seen.entries, ["#100"]);
  }));
