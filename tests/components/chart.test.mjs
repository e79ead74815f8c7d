import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { arrange, describe } = await load("chart");
const colours = { text: "#111", background: "#fff", border: "#ccc", font: "Sans" };
const layout = {
  height: 400,
  xaxis: { domain: [0, 0.5], title: { text: "epoch" } },
  template: { layout: { font: { size: 12 }, margin: { l: 8 } } },
  meta: { narrow: { height: 800, xaxis: { domain: [0, 1] } } },
};

test("a wide screen has the layout as it is", () => {
  const wide = arrange(layout, 1000, colours);
  assert.equal(wide.height, 400);
  assert.equal(wide.width, 1000);
  assert.deepEqual(wide.xaxis, layout.xaxis);
});

test("a narrow screen changes what the figure says and keeps the rest", () => {
  const narrow = arrange(layout, 390, colours);
  assert.equal(narrow.height, 800);
  assert.deepEqual(narrow.xaxis, { domain: [0, 1], title: { text: "epoch" } });
  assert.deepEqual(layout.xaxis.domain, [0, 0.5]); // the figure itself is left alone
});

test("the theme's colours lie over the figure's template", () => {
  const { template } = arrange(layout, 1000, colours);
  assert.deepEqual(template.layout.font, { size: 12, family: "Sans", color: "#111" });
  assert.deepEqual(template.layout.margin, { l: 8 });
  assert.equal(template.layout.paper_bgcolor, "#fff");
});

test("a click tells where it was in words and numbers", () => {
  const point = { x: "newt", y: "puffin", curveNumber: 0, pointIndex: [1, 0], data: {} };
  assert.deepEqual(describe(point), { x: "newt", y: "puffin", curve: 0, point: [1, 0] });
});
