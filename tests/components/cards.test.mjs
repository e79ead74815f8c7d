import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { step } = await load("cards");

test("arrows walk the cards and stop at their ends", () => {
  assert.equal(step(0, "ArrowRight", 3), 1);
  assert.equal(step(2, "ArrowLeft", 3), 1);
  assert.equal(step(2, "ArrowRight", 3), -1);
  assert.equal(step(0, "ArrowLeft", 3), -1);
  assert.equal(step(-1, "ArrowRight", 3), -1); // no card has the focus
  assert.equal(step(0, "Enter", 3), -1);
});
