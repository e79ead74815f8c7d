function makeChoosable(layer, choose) {
  layer.setAttribute("tabindex", "0");
  layer.setAttribute("role", "button");
  layer.setAttribute("aria-label", layer.querySelector("title").textContent);
  layer.onclick = choose;
  layer.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  };
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let scroller = parentElement.querySelector(".scroller");
  if (!scroller) {
    scroller = document.createElement("div");
    scroller.className = "scroller";
    parentElement.append(scroller);
  }
  if (scroller.drawn === data.svg) return;
  scroller.drawn = data.svg;
  const focused = parentElement.activeElement?.dataset?.layer;
  scroller.innerHTML = data.svg;
  for (const layer of scroller.querySelectorAll("g[data-layer]")) {
    makeChoosable(layer, () => setTriggerValue("layer", layer.dataset.layer));
    if (layer.dataset.layer === focused) layer.focus();
  }
}
