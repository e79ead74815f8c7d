/** Which card an arrow key leads to; -1 for none. */
export function step(at, key, count) {
  const next = at + ({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? NaN);
  return at >= 0 && next >= 0 && next < count ? next : -1;
}

/** The files that stand one after another in a pack. */
export function unpack(pack, sizes) {
  let end = 0;
  return sizes.map((size) => pack.slice(end, (end += size)));
}

/** Which pictures are not kept here, by the pack they come in: {pack: [place]}. */
export function findMissing(cards, perPack, kept) {
  const missing = new Map();
  cards.forEach(({ picture }, at) => {
    const pack = Math.floor(at / perPack);
    if (!kept.has(picture)) missing.set(pack, [...(missing.get(pack) ?? []), at]);
  });
  return missing;
}

const KEPT = 4000;
const addresses = new Map(); // of the pictures fetched last, {digest: address}

function keep(picture, file) {
  const address = `data:image/webp;base64,${btoa(String.fromCharCode(...new Uint8Array(file)))}`;
  addresses.set(picture, address);
  if (addresses.size > KEPT) addresses.delete(addresses.keys().next().value);
  return address;
}

/** Show all pictures; of a thousand neighbours only packs that come into view are fetched. */
function showPictures(board, { cards, packs, perPack }) {
  const images = [...board.querySelectorAll("img")];
  cards.forEach(({ picture }, at) => {
    if (addresses.has(picture)) images[at].src = addresses.get(picture);
  });
  const fetchPack = async (pack, places) => {
    const { source, sizes } = packs[pack];
    const files = unpack(await (await fetch(source)).arrayBuffer(), sizes);
    for (const at of places)
      images[at].src = keep(cards[at].picture, files[at - pack * perPack]);
  };
  board.watcher?.disconnect();
  board.watcher = new IntersectionObserver((seen) => {
    for (const { target } of seen.filter((entry) => entry.isIntersecting)) {
      const pack = Math.floor(images.indexOf(target) / perPack), places = missing.get(pack);
      if (missing.delete(pack)) fetchPack(pack, places);
    }
  });
  const missing = findMissing(cards, perPack, addresses);
  for (const places of missing.values()) for (const at of places) board.watcher.observe(images[at]);
}

function createCard(card, choose) {
  const button = document.createElement("button");
  button.type = "button";
  const image = document.createElement("img");
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
    showPictures(board, data);
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
