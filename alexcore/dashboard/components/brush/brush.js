// A stroke is [width, x, y, x, y, ...] in thousandths of the sides; of width 0 it is a rectangle.
const STEP = 20, LEAST = 40, FINE = 8, LONGEST = 800;
const GHOST = [0, 350, 350, 650, 650];

/** Strokes of a text as links have it. */
export function read(text) {
  return text ? text.split("_").map((stroke) => stroke.split(".").map(Number)) : [];
}

export function write(strokes) {
  return strokes.map((stroke) => stroke.join(".")).join("_");
}

const clamp = (value, low = 0, high = 1000) => Math.min(high, Math.max(low, Math.round(value)));

/** Where a pointer is on a box, never beside it. */
export function place({ clientX, clientY }, box) {
  return [
    clamp((1000 * (clientX - box.left)) / box.width),
    clamp((1000 * (clientY - box.top)) / box.height),
  ];
}

/** A stroke begun at a point. */
export function begin(width, [x, y]) {
  return width ? [width, x, y] : [0, x, y, x, y];
}

/** A stroke led to a point: a line grows by steps, a rectangle has its second corner there. */
export function extend(stroke, [x, y]) {
  if (!stroke[0]) return [...stroke.slice(0, 3), x, y];
  const [lastX, lastY] = stroke.slice(-2);
  const near = Math.hypot(x - lastX, y - lastY) < Math.max(FINE, stroke[0] / 8);
  return near || stroke.length > LONGEST ? stroke : [...stroke, x, y];
}

/** Whether a stroke covers anything: rectangles may have no width or no height. */
export function covers([width, left, top, right, bottom]) {
  return width > 0 || (Math.abs(right - left) >= FINE && Math.abs(bottom - top) >= FINE);
}

/** A rectangle after an arrow key: moved, or with Shift its lower right corner; never beside. */
export function nudge([, left, top, right, bottom], key, resize) {
  const [x, y] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0],
                   ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key];
  if (resize)
    return [0, left, top, clamp(right + x, left + LEAST), clamp(bottom + y, top + LEAST)];
  const across = clamp(x, -left, 1000 - right), down = clamp(y, -top, 1000 - bottom);
  return [0, left + across, top + down, right + across, bottom + down];
}

/** A stroke as SVG. */
export function shape([width, ...points], kind = "") {
  if (width)
    return `<path d="M${points.slice(0, 2)}L${points}" stroke-width="${width}"/>`;
  const [left, top, right, bottom] = points;
  return `<rect ${kind} x="${Math.min(left, right)}" y="${Math.min(top, bottom)}" ` +
    `width="${Math.abs(right - left)}" height="${Math.abs(bottom - top)}"/>`;
}

function createBoard(parent) {
  const board = document.createElement("div");
  board.className = "board";
  board.tabIndex = 0;
  board.setAttribute("role", "application");
  board.innerHTML = "<img draggable=false><svg viewBox='0 0 1000 1000'></svg>";
  Object.assign(board, { number: -1, strokes: [], line: null, ghost: null, tip: null });
  parent.append(board);
  return board;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const board = parentElement.querySelector(".board") ?? createBoard(parentElement);
  const [image, drawing] = board.children;
  if (image.getAttribute("src") !== data.source) image.src = data.source;
  image.alt = data.alt;
  board.setAttribute("aria-label", `${data.alt} Drag to cover a part. Arrow keys move a rectangle, ` +
    "with Shift they resize it, Enter covers, Backspace takes back, Escape clears.");
  if (data.number >= board.number) { // not an answer to what was drawn before
    board.number = data.number;
    board.strokes = read(data.strokes);
  }
  const show = () => {
    const { strokes, line, ghost, tip } = board;
    const drawn = line ? [...strokes, line] : strokes;
    drawing.innerHTML = `<g class=cover>${drawn.map((stroke) => shape(stroke)).join("")}</g>` +
      (ghost ? shape(ghost, "class=ghost") : "") +
      (tip && data.width ? `<circle cx=${tip[0]} cy=${tip[1]} r=${data.width / 2} />` : "");
  };
  const tell = (strokes) => {
    Object.assign(board, { strokes, line: null, ghost: null, number: board.number + 1 });
    show();
    setTriggerValue("drawn", { number: board.number, strokes: write(strokes) });
  };
  show();
  board.onpointerdown = (event) => {
    if (!event.isPrimary || event.button) return;
    board.setPointerCapture(event.pointerId);
    board.line = begin(data.width, place(event, image.getBoundingClientRect()));
    board.ghost = null;
    show();
  };
  board.onpointermove = (event) => {
    const at = place(event, image.getBoundingClientRect());
    board.tip = event.pointerType === "touch" ? null : at;
    if (board.line) board.line = extend(board.line, at);
    show();
  };
  board.onpointerup = () => {
    const { line } = board;
    board.line = null;
    if (line && covers(line)) tell([...board.strokes, line]);
    else show();
  };
  board.onpointercancel = () => { board.line = null; show(); };
  board.onpointerleave = () => { board.tip = null; show(); };
  board.onblur = () => { board.ghost = null; show(); };
  board.onkeydown = (event) => {
    const { key } = event, { ghost, strokes } = board;
    if (key.startsWith("Arrow")) {
      board.ghost = ghost ? nudge(ghost, key, event.shiftKey) : GHOST;
      show();
    } else if (key === "Enter" && ghost) {
      tell([...strokes, ghost]);
      board.ghost = ghost; // goes on from there
      show();
    } else if ((key === "Backspace" || (key === "z" && (event.ctrlKey || event.metaKey))) &&
               strokes.length) tell(strokes.slice(0, -1));
    else if ((key === "Delete" || key === "Escape") && strokes.length) tell([]);
    else return;
    event.preventDefault();
  };
}
