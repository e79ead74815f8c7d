const PAD = 18, REACH = 12, TILE = 96;
const HOME = { scale: 1, x: 0, y: 0 };

/** Points in [0, 1] to pixels of a canvas of a size, seen through a view; y grows upwards. */
export function project(points, { width, height }, view) {
  const placed = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    placed[i] = (PAD + points[i] * (width - 2 * PAD)) * view.scale + view.x;
    placed[i + 1] = (PAD + (1 - points[i + 1]) * (height - 2 * PAD)) * view.scale + view.y;
  }
  return placed;
}

/** The point nearest to (x, y) within a few pixels; -1 for none. */
export function findNearest(placed, x, y) {
  let best = -1, limit = REACH * REACH;
  for (let i = 0; i < placed.length; i += 2) {
    const distance = (placed[i] - x) ** 2 + (placed[i + 1] - y) ** 2;
    if (distance < limit) { limit = distance; best = i / 2; }
  }
  return best;
}

/** Whether (x, y) lies within a closed line of corners [x, y]: the even-odd rule. */
export function isInside(line, x, y) {
  let within = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [ax, ay] = line[i], [bx, by] = line[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
  }
  return within;
}

/** The points within a closed line. */
export function gather(placed, line) {
  const found = [];
  for (let i = 0; i < placed.length; i += 2)
    if (isInside(line, placed[i], placed[i + 1])) found.push(i / 2);
  return found;
}

/** A view scaled by a factor around (x, y), between the whole map and forty times it. */
export function zoom(view, factor, x, y) {
  const scale = Math.min(40, Math.max(1, view.scale * factor)), by = scale / view.scale;
  return scale === 1 ? HOME : { scale, x: x - (x - view.x) * by, y: y - (y - view.y) * by };
}

function decode(text, Kind) {
  return new Kind(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

async function fetchCloud(url) {
  const cloud = await (await fetch(url)).json();
  return {
    ...cloud,
    points: decode(cloud.points, Float32Array),
    kinds: decode(cloud.kinds, Uint16Array),
  };
}

function createMap(parent) {
  const map = document.createElement("div");
  map.className = "map";
  map.innerHTML = "<canvas tabindex=0 role=img></canvas>" +
    "<div class=tip><div></div><span></span></div><div class=legend></div>";
  parent.append(map);
  return map;
}

function fillLegend(legend, cloud) {
  legend.replaceChildren(...cloud.classes.map((name, at) => {
    const entry = document.createElement("span"), dot = document.createElement("i");
    dot.style.background = cloud.colours[at];
    entry.append(dot, name);
    return entry;
  }));
}

function drawPoints(pen, cloud, placed, chosen, size) {
  for (let kind = 0; kind < cloud.colours.length; kind++) {
    pen.fillStyle = cloud.colours[kind];
    for (let i = 0; i < cloud.kinds.length; i++) {
      if (cloud.kinds[i] !== kind) continue;
      pen.globalAlpha = chosen.size && !chosen.has(i) ? 0.18 : 0.8;
      pen.beginPath();
      pen.arc(placed[2 * i], placed[2 * i + 1], size, 0, 7);
      pen.fill();
    }
  }
  pen.globalAlpha = 1;
}

function drawCross(pen, [x, y]) {
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.arc(x, y, 8, 0, 7);
  pen.moveTo(x - 13, y); pen.lineTo(x + 13, y);
  pen.moveTo(x, y - 13); pen.lineTo(x, y + 13);
  pen.stroke();
}

function drawLine(pen, line) {
  if (line.length < 2) return;
  pen.lineWidth = 1.5;
  pen.setLineDash([5, 4]);
  pen.beginPath();
  line.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
  pen.stroke();
  pen.setLineDash([]);
}

function showTip(tip, data, cloud, at, [x, y], width) {
  tip.style.display = at < 0 ? "none" : "block";
  if (at < 0) return;
  const column = at % cloud.columns, row = Math.floor(at / cloud.columns);
  tip.firstChild.style.backgroundImage = `url(${data.atlas})`;
  tip.firstChild.style.backgroundSize = `${cloud.columns * TILE}px auto`;
  tip.firstChild.style.backgroundPosition = `-${column * TILE}px -${row * TILE}px`;
  tip.lastChild.textContent = cloud.names[at];
  tip.style.left = `${Math.min(x + 14, width - 130)}px`;
  tip.style.top = `${Math.max(0, y - 60)}px`;
}

export default async function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const map = parentElement.querySelector(".map") ?? createMap(parentElement);
  const [canvas, tip, legend] = map.children;
  canvas.setAttribute("aria-label", data.alt);
  if (map.url !== data.cloud) {
    map.url = data.cloud;
    map.cloud = fetchCloud(data.cloud);
    map.view = HOME;
  }
  const cloud = await map.cloud;
  fillLegend(legend, cloud);
  const size = { width: map.clientWidth || 800 };
  size.height = Math.max(320, Math.min(560, size.width * 0.62));
  const ratio = devicePixelRatio || 1;
  canvas.width = size.width * ratio;
  canvas.height = size.height * ratio;
  canvas.style.height = `${size.height}px`;
  const pen = canvas.getContext("2d");
  let placed = project(cloud.points, size, map.view);
  let line = [], chosen = new Set(data.chosen), frame = 0;

  const draw = () => {
    frame = 0;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, size.width, size.height);
    const radius = (cloud.kinds.length > 3000 ? 2 : 3.4) * Math.min(map.view.scale, 2.2);
    drawPoints(pen, cloud, placed, chosen, radius);
    pen.strokeStyle = getComputedStyle(map).getPropertyValue("--st-text-color") || "#222";
    drawCross(pen, project(Float32Array.from(data.query), size, map.view));
    drawLine(pen, line);
  };
  const later = () => { if (!frame) frame = requestAnimationFrame(draw); };
  const look = (view) => {
    map.view = view;
    placed = project(cloud.points, size, view);
    later();
  };
  const choose = (found) => {
    chosen = new Set(found);
    setTriggerValue("lasso", found);
    later();
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const hover = (place) =>
    showTip(tip, data, cloud, place ? findNearest(placed, ...place) : -1, place ?? [], size.width);

  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    line = [at(event)];
  };
  canvas.onpointermove = (event) => {
    const [x, y] = at(event);
    if (!line.length) return hover([x, y]);
    hover(null);
    if (event.shiftKey) {
      const { view } = map;
      look({ ...view, x: view.x + x - line[0][0], y: view.y + y - line[0][1] });
      line = [[x, y]];
    } else line.push([x, y]);
    later();
  };
  canvas.onpointerup = () => {
    const drawn = line;
    line = [];
    if (drawn.length > 4) choose(gather(placed, drawn));
    else if (chosen.size) choose([]);
    later();
  };
  canvas.onpointerleave = () => hover(null);
  canvas.onwheel = (event) => {
    event.preventDefault();
    look(zoom(map.view, event.deltaY < 0 ? 1.2 : 1 / 1.2, ...at(event)));
  };
  canvas.onkeydown = (event) => {
    if (event.key === "Escape" && chosen.size) choose([]);
  };
  draw();
}
