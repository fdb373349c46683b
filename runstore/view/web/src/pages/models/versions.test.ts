import assert from "node:assert/strict";
import { test } from "node:test";

import { grouped } from "./versions";

test("versions of one name are one model, the newest first", () => {
  const found = grouped([{ name: "b", version: 1 }, { name: "a", version: 1 }, { name: "a", version: 10 }, { name: "a", version: 9 }]);
  assert.deepEqual(found.map((model) => [model.name, model.versions.map((one) => one.version)]), [["a", [10, 9, 1]], ["b", [1]]]);
});

test("models may come with their versions", () => {
  assert.deepEqual(grouped([{ name: "a", versions: [{ version: 1 }, { version: 2 }] }])[0]?.versions.map((one) => one.version), [2, 1]);
});

test("a model without versions is none", () => {
  assert.deepEqual(grouped([{ name: "a", versions: [] }]), []);
});
