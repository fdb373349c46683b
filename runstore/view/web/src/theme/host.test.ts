import assert from "node:assert/strict";
import { test } from "node:test";
import { said } from "./host";

const element = (dataset: Record<string, string>, theme: string | null = null) => ({ dataset, getAttribute: () => theme });

test("JupyterLab says whether it is light", () => {
  assert.equal(said(element({}), element({ jpThemeLight: "false" })), true);
  assert.equal(said(element({}), element({ jpThemeLight: "true" })), false);
});

test("VS Code says which kind its theme is of", () => {
  const kinds = ["vscode-dark", "vscode-light", "vscode-high-contrast", "vscode-high-contrast-light"];
  assert.deepEqual(kinds.map((one) => said(element({ vscodeThemeKind: one }))), [true, false, true, false]);
});

test("an attribute says it elsewhere, and who says nothing leaves it to the system", () => {
  assert.equal(said(element({}, "dark")), true);
  assert.equal(said(element({}), element({})), null);
});
