// Mounts the pages' own components in a document without a server, and answers what is chosen.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const components = read("components");

/** The order of two cells: by number where both are numbers, else by their words. */
function compare(left, right) {
  const [a, b] = [left, right].map((text) => Number(text.replaceAll(",", "") || "-1"));
  return Number.isNaN(a) || Number.isNaN(b)
    ? left.localeCompare(right, undefined, { numeric: true }) : a - b;
}

function makeSortable(table) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const sort = () => {
      const falling = head.ariaSort === "ascending";
      const rows = [...body.rows].sort((one, other) =>
        compare(one.cells[column].textContent, other.cells[column].textContent));
      body.append(...(falling ? rows.reverse() : rows));
      for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
      head.ariaSort = falling ? "descending" : "ascending";
    };
    head.tabIndex = 0;
    head.onclick = sort;
    head.onkeydown = ({ key }) => key === "Enter" && sort();
  });
}

/** A tile of a sprite, large, beside it. */
function showTile(part, data, at) {
  const figure = part.nextElementSibling, [canvas, words] = figure.children;
  const sprite = part.shadowRoot.querySelector("img");
  const { columns, step, cell } = data;
  canvas.width = canvas.height = cell;
  canvas.getContext("2d").drawImage(
    sprite, (at % columns) * step, Math.floor(at / columns) * step, cell, cell, 0, 0, cell, cell);
  words.textContent = data.words[at];
  figure.hidden = false;
}

/** A picture of the cards, large, over the page. */
function showCard(part, data, at) {
  const dialog = document.querySelector("dialog"), [image, words] = dialog.children;
  const small = part.shadowRoot.querySelectorAll("img")[at];
  const take = () => (image.src = small.src);
  small.src ? take() : small.addEventListener("load", take, { once: true });
  image.alt = data.cards[at].alt;
  words.textContent = `${data.cards[at].title}, ${data.cards[at].note}`;
  dialog.showModal();
}

/** The row of a layer, marked and in view. */
function showRow(part, data, label) {
  for (const row of document.querySelectorAll("tr")) {
    row.classList.toggle("marked", row.cells[0].textContent === label);
    if (row.classList.contains("marked")) row.scrollIntoView({ block: "center" });
  }
}

const answers = { tile: showTile, card: showCard, layer: showRow };

async function mount(part) {
  const { kind } = part.dataset, { module, style } = components[kind];
  const data = JSON.parse(part.firstElementChild.textContent);
  const { default: show } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
  const root = kind === "chart" ? part : part.attachShadow({ mode: "open" });
  const sheet = document.createElement("style");
  sheet.textContent = style;
  root.append(sheet);
  const render = () => show({ data, parentElement: root, setTriggerValue });
  const setTriggerValue = (trigger, value) => {
    if (trigger !== "layer") data.selected = value;
    answers[trigger](part, data, value);
    render();
  };
  render();
}

window.alexcorePlotly = Promise.resolve(window.Plotly);
for (const part of document.querySelectorAll(".part")) mount(part);
for (const table of document.querySelectorAll("table.sorts")) makeSortable(table);
