// Draws the plots of a report. Their data stand beside them as JSON; colours come from the style sheet, so that a plot
// follows the page from light to dark and to paper.
(() => {
  "use strict";
  // The library would offer to upload a chart to its maker's cloud; a report stays where it is.
  const settings = {
    responsive: true, displaylogo: false, plotlyServerURL: "",
    modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d"],
  };
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const theme = () => {
    const page = colour("--panel"), ink = colour("--ink"), faint = colour("--faint");
    return {
      ink, faint,
      lines: [1, 2, 3, 4, 5, 6].map(i => colour(`--trace-${i}`)),
      scales: {
        sequential: [[0, page], [0.5, colour("--scale-middle")], [1, colour("--scale-high")]],
        diverging: [[0, colour("--scale-low")], [0.5, page], [1, colour("--scale-warm")]],
      },
    };
  };

  const dress = (data, layout, look) => {
    const paint = holder => {
      if (holder && typeof holder.colorscale === "string") holder.colorscale = look.scales[holder.colorscale];
    };
    let next = 0, sets = 0;
    for (const trace of data) {
      paint(trace);
      paint(trace.marker);
      if (trace.type === "heatmap") continue;
      if (trace.type === "contour") { trace.line.color = look.faint; continue; }
      const own = look.lines[next++ % look.lines.length];
      if (trace.line) trace.line.color = own;
      if (trace.type === "bar" || trace.type === "histogram") trace.marker = { color: own };
      if (trace.marker && !trace.marker.color) trace.marker.color = own;
      if (trace.mode === "markers") {
        // Few points of several kinds may coincide: later ones are drawn open.
        const open = sets++ > 0 && trace.marker.size > 5;
        Object.assign(trace.marker, open ? { symbol: "diamond-open", size: 11 } : { line: { width: 0.5, color: colour("--panel") } });
      }
      if (trace.error_y) trace.error_y.color = trace.type === "bar" ? look.ink : own;
    }
    for (const axis of [layout.xaxis, layout.yaxis]) {
      axis.gridcolor = axis.linecolor = axis.tickcolor = look.faint;
      axis.showline = true;
    }
    return Object.assign(layout, {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: look.ink },
      margin: { l: 56, r: 16, t: 12, b: 48 },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: look.faint, activecolor: look.ink },
      legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom" },
    });
  };

  const draw = () => {
    const look = theme();
    for (const plot of document.querySelectorAll(".plot")) {
      const { data, layout } = JSON.parse(plot.querySelector("script").textContent);
      Plotly.react(plot.querySelector(".canvas"), data, dress(data, layout, look), settings);
    }
  };

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  matchMedia("print").addEventListener("change", draw);
})();
