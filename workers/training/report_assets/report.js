"use strict";
// Draws the figures in the colours of the style sheet, sorts tables, shows one condition.
(() => {
  const specs = new Map();
  for (const element of document.querySelectorAll("script[data-plot]")) {
    specs.set(element.dataset.plot, JSON.parse(element.textContent));
  }
  const drawn = new Set();
  const axes = new Map();

  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function resolve(value) {
    if (typeof value === "string") return value.startsWith("$") ? colour(value.slice(1)) : value;
    if (Array.isArray(value)) return value.map(resolve);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]));
  }

  // Names of sources are data, not text of ours: none may be taken for a colour.
  function resolveTrace(trace) {
    const { x, y, text, name, ...rest } = trace;
    return { x, y, text, name, ...resolve(rest) };
  }

  function themed(layout) {
    const font = { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: colour("ink") };
    const axis = { gridcolor: colour("grid"), linecolor: colour("line"), tickcolor: colour("line") };
    return {
      ...layout,
      shapes: resolve(layout.shapes ?? []),
      font,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      hoverlabel: { bgcolor: colour("card"), bordercolor: colour("line"), font },
      xaxis: { ...axis, ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis },
    };
  }

  function draw(div) {
    const spec = specs.get(div.id);
    const kind = axes.get(div.id);
    let data = spec.data.map(resolveTrace);
    let layout = themed(spec.layout);
    if (kind !== undefined) {
      data = data.map((trace) => ({ ...trace, x: trace.meta[kind] }));
      const range = kind === "log" ? layout.xaxis.range : [-0.01, 1];
      layout = { ...layout, xaxis: { ...layout.xaxis, type: kind, range } };
    }
    const options = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] };
    Plotly.react(div, data, layout, options);
    drawn.add(div);
  }

  function drawVisible() {
    for (const div of document.querySelectorAll(".plot")) {
      if (!drawn.has(div) && div.offsetParent !== null) draw(div);
    }
  }

  for (const choice of document.querySelectorAll(".choice")) {
    const div = choice.parentElement.querySelector(".plot");
    axes.set(div.id, "log");
    choice.addEventListener("click", (event) => {
      const kind = event.target.dataset.axis;
      if (kind === undefined) return;
      axes.set(div.id, kind);
      for (const button of choice.children) {
        button.setAttribute("aria-pressed", String(button === event.target));
      }
      draw(div);
    });
  }

  for (const section of document.querySelectorAll("section")) {
    const pick = section.querySelector("select");
    const show = () => {
      for (const panel of section.querySelectorAll(".condition")) {
        panel.hidden = panel.dataset.condition !== pick.value;
      }
      drawVisible();
    };
    pick.addEventListener("change", show);
    show();
  }

  const compare = (a, b) => {
    const [x, y] = [Number(a), Number(b)];
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
  };

  for (const table of document.querySelectorAll("table")) {
    table.tHead.addEventListener("click", (event) => {
      const heading = event.target.closest("button")?.parentElement;
      if (!heading) return;
      const up = heading.getAttribute("aria-sort") === "descending";
      for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      const column = heading.cellIndex;
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const order = compare(a.cells[column].dataset.order, b.cells[column].dataset.order);
        return up ? order : -order;
      });
      table.tBodies[0].append(...rows);
    });
  }

  const redraw = () => [...drawn].forEach(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("print").addEventListener("change", redraw);
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
