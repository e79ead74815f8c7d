const NARROW = 640;

/** The layout of a figure for a width, over a template of the theme's colours. */
export function arrange(layout, width, colours) {
  const narrow = width < NARROW ? layout.meta?.narrow ?? {} : {};
  const arranged = { ...structuredClone(layout), width, autosize: false };
  for (const [name, value] of Object.entries(narrow))
    arranged[name] = typeof value === "object" ? { ...arranged[name], ...value } : value;
  const own = layout.template?.layout ?? {};
  arranged.template = {
    layout: {
      ...own,
      paper_bgcolor: colours.background,
      plot_bgcolor: colours.background,
      font: { ...own.font, family: colours.font, color: colours.text },
      hoverlabel: {
        bgcolor: colours.background,
        bordercolor: colours.border,
        font: { family: colours.font, color: colours.text },
      },
      modebar: { bgcolor: "transparent", color: colours.border, activecolor: colours.text },
    },
  };
  return arranged;
}

/** What a click says to the server: plain numbers and words. */
export function describe(point) {
  return {
    x: point.x,
    y: point.y,
    curve: point.curveNumber,
    point: point.pointIndex ?? point.pointNumber,
  };
}

function readColours(node) {
  const style = getComputedStyle(node);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    text: read("--st-text-color"),
    background: read("--st-background-color"),
    border: read("--st-border-color"),
    font: read("--st-font"),
  };
}

/** What the chart's own buttons are and do. */
function configure(data, layout) {
  const buttons = layout.dragmode ? ["zoom2d", "pan2d", "resetScale2d", "toImage"] : ["toImage"];
  return {
    displaylogo: false,
    displayModeBar: true,
    modeBarButtons: [buttons],
    toImageButtonOptions: { filename: data.name, scale: 2 },
    doubleClick: "reset",
  };
}

/** The library, fetched once for all charts of all pages. */
function fetchLibrary(name) {
  window.alexcorePlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(name, document.baseURI).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.alexcorePlotly = undefined;
      reject(new Error(`cannot fetch ${script.src}`));
    };
    document.head.append(script);
  });
  return window.alexcorePlotly;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let node = parentElement.querySelector(".alexcore-chart");
  if (!node) {
    node = document.createElement("div");
    node.setAttribute("role", "img");
    parentElement.append(node);
  }
  node.classList.add("alexcore-chart"); // Plotly knows its charts by a class of its own
  node.classList.toggle("clicks", data.clicks);
  node.setAttribute("aria-label", data.alt);
  const { layout } = data.figure;
  const reserve = () => {
    const narrow = node.clientWidth < NARROW && layout.meta?.narrow?.height;
    node.style.minHeight = `${narrow || layout.height}px`;
  };
  const look = () => `${node.clientWidth} ${Object.values(readColours(node))}`;
  const draw = async () => {
    node.drawnFor = look();
    const Plotly = await fetchLibrary(data.library);
    if (!node.isConnected || !node.clientWidth) return;
    if (!node._fullLayout) node.textContent = "";
    reserve();
    const colours = readColours(node);
    const traces = structuredClone(data.figure.data); // Plotly writes what a hand changed into it
    // One object for all draws: another would make Plotly forget what was zoomed and hidden.
    node.config ??= configure(data, layout);
    await Plotly.react(node, traces, arrange(layout, node.clientWidth, colours), node.config);
    node.removeAllListeners("plotly_click");
    if (data.clicks)
      node.on("plotly_click", (event) => setTriggerValue("click", describe(event.points[0])));
    node.dataset.drawn = String(Number(node.dataset.drawn ?? 0) + 1);
  };
  // What follows the width and the theme is one for the node: this runs anew for each change.
  node.redraw = () =>
    draw().catch((error) => {
      if (!node._fullLayout) node.textContent = `The chart cannot be drawn: ${error.message}. Reload the page.`;
    });
  node.follow = () => node.drawnFor !== look() && node.redraw();
  if (!node.sizes) {
    node.sizes = new ResizeObserver(() => node.follow());
    node.sizes.observe(node);
  }
  reserve();
  node.redraw();
  return () => {
    node.sizes?.disconnect();
    node.sizes = undefined;
  };
}
