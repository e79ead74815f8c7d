import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { findMissing, step, unpack } = await load("cards");

test("arrows walk the cards and stop at their ends", () => {
  assert.equal(step(0, "ArrowRight", 3), 1);
  assert.equal(step(2, "ArrowLeft", 3), 1);
  assert.equal(step(2, "ArrowRight", 3), -1);
  assert.equal(step(0, "ArrowLeft", 3), -1);
  assert.equal(step(-1, "ArrowRight", 3), -1); // no card has the focus
  assert.equal(step(0, "Enter", 3), -1);
});

test("a pack falls into the files it was made of", () => {
  const pack = new Uint8Array([1, 2, 2, 3, 3, 3]).buffer;
  assert.deepEqual(
    unpack(pack, [1, 2, 0, 3]).map((file) => [...new Uint8Array(file)]),
    [[1], [2, 2], [], [3, 3, 3]],
  );
});

test("only packs with a picture that is not here are fetched", () => {
  const cards = ["a", "b", "c", "d", "e"].map((picture) => ({ picture }));
  assert.deepEqual([...findMissing(cards, 2, new Set(["a", "b", "d"]))], [[1, [2]], [2, [4]]]);
  assert.equal(findMissing(cards, 2, new Set("abcde")).size, 0);
});
