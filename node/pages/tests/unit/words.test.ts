import assert from "node:assert/strict";
import { test } from "node:test";
import { words as german } from "../../src/words/de.ts";
import { en as enShop } from "../../src/words/en.ts";
import { enParts } from "../../src/words/en_parts.ts";
import { spoken } from "../../src/words/index.ts";

const en = { ...enShop, ...enParts };

/** Every path in a table, with what kind of thing is there. */
function shape(value: unknown, path = ""): string[] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => shape(inner, `${path}.${key}`));
  }
  return [`${path}: ${typeof value}`];
}

test("every language has every word", () => {
  assert.deepEqual(shape(german).sort(), shape(en).sort());
});

test("no language has an empty word, and plurals are right", () => {
  for (const words of [en, german]) {
    assert.ok(!JSON.stringify(words).includes('""'));
  }
  assert.deepEqual([0, 1, 2, 1_200].map(en.places), ["0 places", "1 place", "2 places", "1,200 places"]);
  assert.deepEqual([0, 1, 2, 1_200].map(german.places), ["0 Plätze", "1 Platz", "2 Plätze", "1.200 Plätze"]);
  assert.equal(en.left({ unit: "clock", minutes: 1, seconds: 1 }), "1 minute 1 second");
  assert.equal(german.left({ unit: "day", count: 2 }), "2 Tage");
});

test("a language is known by the first part of its tag", () => {
  assert.deepEqual(["de-AT", "DE", "en-GB", "fr", ""].map(spoken), ["de", "de", "en", "en", "en"]);
});
