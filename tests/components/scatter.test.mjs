import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { findNearest, gather, isInside, project, zoom } = await load("scatter");
const size = { width: 236, height: 136 }; // 200 by 100 within the padding of 18
const home = { scale: 1, x: 0, y: 0 };

test("points are placed within the padding, y upwards", () => {
  const placed = project(Float32Array.from([0, 0, 1, 1, 0.5, 0.25]), size, home);
  assert.deepEqual([...placed], [18, 118, 218, 18, 118, 93]);
});

test("zooming keeps the place under the pointer", () => {
  const view = zoom(zoom(home, 1.2, 118, 68), 1.2, 118, 68);
  const [x, y] = project(Float32Array.from([0.5, 0.5]), size, view);
  assert.ok(Math.abs(x - 118) < 1e-4 && Math.abs(y - 68) < 1e-4);
  assert.ok(Math.abs(view.scale - 1.44) < 1e-9);
  assert.deepEqual(zoom(view, 0.1, 3, 4), home); // never smaller than the whole map
  assert.equal(zoom({ ...home, scale: 39 }, 2, 0, 0).scale, 40);
});

test("the nearest point is found within reach alone", () => {
  const placed = Float32Array.from([10, 10, 20, 10]);
  assert.equal(findNearest(placed, 16, 10), 1);
  assert.equal(findNearest(placed, 14, 10), 0);
  assert.equal(findNearest(placed, 20, 30), -1);
});

test("a line gathers what it encloses, also where it bends inwards", () => {
  const bay = [[0, 0], [10, 0], [10, 10], [5, 4], [0, 10]];
  assert.ok(isInside(bay, 2, 5) && isInside(bay, 8, 5) && isInside(bay, 5, 2));
  assert.ok(!isInside(bay, 5, 6) && !isInside(bay, 11, 5));
  assert.deepEqual(gather(Float32Array.from([5, 6, 5, 2, 8, 5, 20, 20]), bay), [1, 2]);
});
