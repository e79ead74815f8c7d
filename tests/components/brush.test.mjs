import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { begin, covers, extend, nudge, place, read, shape, write } = await load("brush");

test("a link's text and strokes are each other's other side", () => {
  const text = "80.100.200.300.400_0.0.0.500.1000";
  assert.deepEqual(read(text), [[80, 100, 200, 300, 400], [0, 0, 0, 500, 1000]]);
  assert.equal(write(read(text)), text);
  assert.deepEqual(read(""), []);
  assert.equal(write([]), "");
});

test("a pointer lies in thousandths of the picture, never beside it", () => {
  const box = { left: 10, top: 20, width: 200, height: 400 };
  assert.deepEqual(place({ clientX: 60, clientY: 120 }, box), [250, 250]);
  assert.deepEqual(place({ clientX: 0, clientY: 900 }, box), [0, 1000]);
});

test("a line grows by steps alone, and not without end", () => {
  const line = begin(80, [100, 100]);
  assert.deepEqual(line, [80, 100, 100]);
  assert.equal(extend(line, [107, 100]), line); // an eighth of the width is 10
  assert.deepEqual(extend(line, [106, 108]), [80, 100, 100, 106, 108]);
  let long = line;
  for (let at = 0; at < 5000; at++) long = extend(long, [at % 2 ? 0 : 1000, 0]);
  assert.ok(long.length < 810);
});

test("a rectangle has its second corner at the pointer, and covers once it has an area", () => {
  const point = begin(0, [500, 400]);
  assert.ok(!covers(point) && !covers(extend(point, [800, 402])));
  const drawn = extend(extend(point, [9, 9]), [200, 300]);
  assert.deepEqual(drawn, [0, 500, 400, 200, 300]);
  assert.ok(covers(drawn) && covers(begin(80, [5, 5])));
});

test("arrow keys move and resize a rectangle within the picture", () => {
  assert.deepEqual(nudge([0, 10, 300, 200, 400], "ArrowLeft"), [0, 0, 300, 190, 400]);
  assert.deepEqual(nudge([0, 100, 300, 990, 400], "ArrowRight"), [0, 110, 300, 1000, 400]);
  assert.deepEqual(nudge([0, 10, 300, 200, 400], "ArrowDown"), [0, 10, 320, 200, 420]);
  assert.deepEqual(nudge([0, 10, 300, 60, 400], "ArrowLeft", true), [0, 10, 300, 50, 400]);
  assert.deepEqual(nudge([0, 10, 300, 200, 995], "ArrowDown", true), [0, 10, 300, 200, 1000]);
});

test("strokes are drawn as what they cover", () => {
  assert.equal(shape([80, 1, 2]), '<path d="M1,2L1,2" stroke-width="80"/>'); // a dot
  assert.equal(shape([80, 1, 2, 3, 4]), '<path d="M1,2L1,2,3,4" stroke-width="80"/>');
  assert.equal(shape([0, 500, 400, 200, 300]),
    '<rect  x="200" y="300" width="300" height="100"/>');
});
