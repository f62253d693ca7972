// Draws the charts of a page from data and layouts stored as JSON, in the colours of light mode; dark mode uses the counterpart of each
// colour, and print uses light mode.
(() => {
  "use strict";
  // No button to upload a chart to the cloud of plotly.js: pages work offline.
  const settings = {
    responsive: true, displaylogo: false, plotlyServerURL: "",
    modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d"],
  };
  const dark = matchMedia("(prefers-color-scheme: dark)"), paper = matchMedia("print"), narrow = matchMedia("(max-width: 600px)");
  const counterparts = JSON.parse(document.getElementById("palette").textContent);

  const recoloured = value => {
    if (typeof value === "string") return counterparts[value] ?? value;
    if (Array.isArray(value)) return typeof value[0] === "number" && value.length > 2 ? value : value.map(recoloured);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, recoloured(part)]));
  };

  const fitted = ({ data, layout }) => {
    const style = getComputedStyle(document.body);
    // A narrow chart has its colour bar below instead of at the side.
    const bars = narrow.matches ? data.map(trace => trace.colorbar ?? trace.marker?.colorbar).filter(bar => bar) : [];
    for (const bar of bars) {
      const title = { ...bar.title, side: "bottom" };
      Object.assign(bar, { orientation: "h", yref: "container", y: 0, yanchor: "bottom", thickness: 8, title });
    }
    Object.assign(layout, {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { ...layout.font, family: style.fontFamily },
      margin: { l: 56, r: 16, t: 12, b: bars.length > 0 ? 110 : 48 },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: style.getPropertyValue("--faint"), activecolor: style.color },
    });
    return { data, layout };
  };

  const draw = () => {
    for (const figure of document.querySelectorAll(".plot")) {
      const chart = JSON.parse(figure.querySelector("script").textContent);
      const { data, layout } = fitted(dark.matches && !paper.matches ? recoloured(chart) : chart);
      Plotly.react(figure.querySelector(".canvas"), data, layout, settings);
    }
  };

  draw();
  for (const query of [dark, paper, narrow]) query.addEventListener("change", draw);
})();
