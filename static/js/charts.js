// Draws every .plot from the JSON block it names, in the colours of the page.
//
// A figure says tones, not colours: a trace's meta.tone (or a shape's, an annotation's name) is one
// of the page's tokens (accent, faint, band, ok, warn, bad, c1 to c8), looked up when drawn and again when
// the theme changes.
(() => {
  "use strict";
  if (!window.Plotly) return;
  Plotly.setPlotConfig({ showSendToCloud: false, plotlyServerURL: "", displaylogo: false });
  const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: "reset" };

  // A token as a colour that Plotly can read, whatever the style sheet wrote.
  const probe = document.createElement("i");
  const colour = (token) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };

  const coloured = (figure) => {
    const { data, layout = {} } = structuredClone(figure);
    const ink = { color: colour("soft"), family: getComputedStyle(document.body).fontFamily, size: 11 };
    const line = { gridcolor: colour("line"), linecolor: colour("line"), zerolinecolor: colour("line"), tickfont: ink };
    const axis = (name) => ({ ...line, fixedrange: true, ...(name[0] === "y" ? { rangemode: "tozero" } : { showgrid: false }) });
    for (const trace of data) {
      const tone = trace.meta?.tone;
      if (!tone) continue;
      if (trace.fill && trace.fill !== "none") trace.fillcolor = colour(tone);
      if (trace.type === "bar" || trace.mode === "markers") trace.marker = { ...trace.marker, color: colour(tone) };
      else trace.line = { ...trace.line, color: colour(tone) };
    }
    for (const shape of layout.shapes ?? []) shape.line = { ...shape.line, color: colour(shape.name || "faint") };
    for (const note of layout.annotations ?? []) note.font = { ...ink, ...note.font, color: colour(note.name || "soft") };
    for (const name of Object.keys(layout)) {
      if (/^[xy]axis\d*$/.test(name)) layout[name] = { ...axis(name), ...layout[name] };
    }
    return {
      data,
      layout: {
        margin: { l: 34, r: 8, t: 8, b: 26 },
        hovermode: "x unified",
        dragmode: false,
        showlegend: false,
        xaxis: axis("x"),
        yaxis: axis("y"),
        ...layout,
        font: ink,
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        hoverlabel: { bgcolor: colour("panel"), bordercolor: colour("edge"), font: { ...ink, color: colour("ink") } },
        transition: { duration: 0 },
      },
    };
  };

  const draw = (box) => {
    const figure = JSON.parse(document.getElementById(box.dataset.figure).textContent);
    const { data, layout } = coloured(figure);
    Plotly.react(box, data, layout, CONFIG);
    box.dataset.drawn = "";
  };
  const drawAll = (which) => {
    document.body.append(probe);
    for (const box of document.querySelectorAll(which)) draw(box);
    probe.remove();
  };

  drawAll(".plot");
  document.addEventListener("htmx:afterSettle", () => drawAll(".plot:not([data-drawn])"));
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    if (event.detail.elt.matches?.(".plot")) Plotly.purge(event.detail.elt);
  });
  new MutationObserver(() => drawAll(".plot")).observe(document.documentElement, {
    attributeFilter: ["data-bs-theme"],
  });
})();
