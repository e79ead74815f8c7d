import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { find, locate, move } = await load("tiles");
// Five tiles of 10 pixels, 2 apart, in rows of three: 34 by 22 pixels.
const grid = { columns: 3, count: 5, step: 12, cell: 10, width: 34, height: 22 };

test("a tile lies where the sprite has it", () => {
  const { left, top, width, height } = locate(4, grid);
  assert.deepEqual([left, top, width, height].map((value) => Math.round(value * 100) / 100),
    [35.29, 54.55, 29.41, 45.45]); // 12/34, 12/22, 10/34, 10/22
});

test("every tile is found in its own middle", () => {
  for (let at = 0; at < grid.count; at++) {
    const { left, top, width, height } = locate(at, grid);
    assert.equal(find((left + width / 2) / 100, (top + height / 2) / 100, grid), at);
  }
});

test("nothing is found beyond the last tile or the picture", () => {
  assert.equal(find(0.9, 0.9, grid), -1); // the sixth place is empty
  assert.equal(find(-0.01, 0.1, grid), -1);
  assert.equal(find(0.1, 1.2, grid), -1);
});

test("arrow keys stay within the tiles", () => {
  assert.equal(move(1, "ArrowDown", grid), 4);
  assert.equal(move(4, "ArrowUp", grid), 1);
  assert.equal(move(2, "ArrowRight", grid), 3);
  assert.equal(move(0, "ArrowLeft", grid), -1);
  assert.equal(move(2, "ArrowDown", grid), -1);
  assert.equal(move(2, "Enter", grid), -1);
});
