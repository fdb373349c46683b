import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contrast, DARK, DASHES, LIGHT, lookOf, PLACES } from "./palettes";

const css = readFileSync("src/theme/tokens.css", "utf8");
const blocks = { light: css.slice(css.indexOf(".rs {"), css.indexOf(".rs[data-theme")), dark: css.slice(css.indexOf(".rs[data-theme")) };
const token = (block: "light" | "dark", name: string): string =>
  new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(blocks[block])![1]!;

test("white on black is as far apart as colours can be", () => assert.equal(contrast("#ffffff", "#000000"), 21));

for (const [block, palette] of [["light", LIGHT], ["dark", DARK]] as const) {
  test(`every colour of a series stands out 3:1 from every ${block} ground`, () => {
    for (const ground of ["bg", "surface", "raised"].map((name) => token(block, name))) {
      for (const colour of palette) assert.ok(contrast(colour, ground) >= 3, `${colour} on ${ground}`);
    }
  });

  test(`every ${block} text can be read: 4.5:1`, () => {
    for (const ground of ["bg", "surface", "raised", "hover", "chosen"].map((name) => token(block, name))) {
      for (const name of ["text", "muted", "accent", "good", "warn", "bad"]) {
        assert.ok(contrast(token(block, name), ground) >= 4.5, `${name} on ${ground}`);
      }
    }
    for (const name of ["good", "warn", "bad"]) {
      assert.ok(contrast(token(block, name), token(block, `${name}-soft`)) >= 4.5, `${name} on its own ground`);
    }
    assert.ok(contrast(token(block, "on-accent"), token(block, "accent")) >= 4.5, "text on the accent");
    assert.ok(contrast(token(block, "line-strong"), token(block, "bg")) >= 3, "borders of inputs");
  });
}

test("a place has the same hue in both themes", () => {
  for (let place = 0; place < PLACES; place++) assert.equal(lookOf(place, false).hue, lookOf(place, true).hue);
});

test("dashes begin after ten lines, and no two of thirty places look the same", () => {
  assert.deepEqual(lookOf(9, false).dash, []);
  assert.deepEqual(lookOf(10, false).dash, DASHES[1]);
  const looks = Array.from({ length: PLACES }, (_, place) => JSON.stringify(lookOf(place, false)));
  assert.equal(new Set(looks).size, PLACES);
});
