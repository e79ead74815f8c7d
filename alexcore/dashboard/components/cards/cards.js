/** Which card an arrow key leads to; -1 for none. */
export function step(at, key, count) {
  const next = at + ({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? NaN);
  return at >= 0 && next >= 0 && next < count ? next : -1;
}

function createCard(card, choose) {
  const button = document.createElement("button");
  button.type = "button";
  const image = document.createElement("img");
  image.loading = "lazy"; // of a thousand neighbours only those that come into view
  image.src = card.source;
  image.alt = card.alt;
  const title = document.createElement("span");
  title.className = `title ${card.tone}`;
  title.textContent = card.title;
  const note = document.createElement("span");
  note.className = "note";
  note.textContent = card.note;
  button.append(image, title, note);
  button.onclick = choose;
  return button;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let board = parentElement.querySelector(".cards");
  if (!board) {
    board = document.createElement("div");
    board.className = "cards";
    parentElement.append(board);
  }
  board.style.gridTemplateColumns =
    `repeat(auto-fill, minmax(min(${data.width}px, 28%), 1fr))`;
  const shown = JSON.stringify(data.cards);
  if (board.dataset.shown !== shown) {
    board.dataset.shown = shown;
    board.replaceChildren(
      ...data.cards.map((card, at) => createCard(card, () => setTriggerValue("card", at))));
  }
  board.onkeydown = (event) => {
    const cards = [...board.children];
    const at = cards.indexOf(parentElement.activeElement ?? document.activeElement);
    const next = step(at, event.key, cards.length);
    if (next < 0) return;
    event.preventDefault();
    cards[next].focus();
  };
  [...board.children].forEach((button, at) =>
    button.setAttribute("aria-pressed", String(at === data.selected)));
}
