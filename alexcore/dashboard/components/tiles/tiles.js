/** Where a tile lies in the picture, in percent of its sides. */
export function locate(at, { columns, step, cell, width, height }) {
  return {
    left: ((at % columns) * step * 100) / width,
    top: (Math.floor(at / columns) * step * 100) / height,
    width: (cell * 100) / width,
    height: (cell * 100) / height,
  };
}

/** Which tile lies at (x, y), given as shares of the picture's sides; -1 for none. */
export function find(x, y, { columns, count, step, width, height }) {
  const column = Math.floor((x * width) / step), row = Math.floor((y * height) / step);
  const at = row * columns + column;
  return column >= 0 && column < columns && at >= 0 && at < count ? at : -1;
}

/** Where an arrow key leads from a tile; -1 for nowhere. */
export function move(at, key, { columns, count }) {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  const next = key in steps ? at + steps[key] : -1;
  return next >= 0 && next < count ? next : -1;
}

function createBoard(parent) {
  const board = document.createElement("div");
  board.className = "board";
  board.tabIndex = 0;
  board.setAttribute("role", "application");
  board.append(document.createElement("img"), document.createElement("div"));
  board.lastChild.className = "mark";
  parent.append(board);
  return board;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const board = parentElement.querySelector(".board") ?? createBoard(parentElement);
  const [image, mark] = board.children;
  if (image.getAttribute("src") !== data.source) image.src = data.source;
  image.alt = data.alt;
  board.setAttribute("aria-label", `${data.alt} Arrow keys choose.`);
  let chosen = data.selected;
  const show = () => {
    mark.style.display = chosen < 0 ? "none" : "block";
    for (const [side, value] of Object.entries(locate(chosen, data)))
      mark.style[side] = `${value}%`;
  };
  const choose = (at) => {
    if (at < 0 || at === chosen) return;
    chosen = at;
    show();
    setTriggerValue("tile", at);
  };
  show();
  board.onclick = (event) => {
    const box = image.getBoundingClientRect();
    board.focus();
    choose(find((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, data));
  };
  board.onkeydown = (event) => {
    if (event.key.startsWith("Arrow")) event.preventDefault();
    choose(move(chosen, event.key, data));
  };
}
