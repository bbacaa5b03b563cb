// Writes what a frame tells of a tile into the tile that the server drew: texts, levels and lines.
// Nothing that a frame says is ever read as markup.
(() => {
  "use strict";

  const tell = (within, name, text) => {
    const node = within.querySelector(`.${name}`);
    if (node && node.textContent !== text) node.textContent = text;
  };
  const made = (name, text, ...more) => {
    const node = document.createElement(name);
    if (text) node.textContent = text;
    for (const [key, value] of more) if (value) node.setAttribute(key, value);
    return node;
  };

  const digits = (box, tile) => {
    const style = box.querySelector(".digits")?.style;
    style?.setProperty("--chars", String(tile.figure.length));
    style?.setProperty("--unit", String((tile.unit ?? "").length));
  };

  const line = (box, tile) => {
    const sheet = box.querySelector(".line");
    const drawn = JSON.stringify(tile.paths);
    if (box.drawn === drawn) return;
    box.drawn = drawn;
    sheet.replaceChildren(
      ...tile.paths.map(([name, path]) => {
        const node = document.createElementNS(sheet.namespaceURI, "path");
        node.setAttribute("class", `line-${name}`);
        node.setAttribute("d", path);
        return node;
      }),
    );
  };

  const rows = (box, tile) => {
    const drawn = JSON.stringify([tile.columns, tile.rows]);
    if (box.drawn === drawn) return;
    box.drawn = drawn;
    const head = made("tr");
    head.append(...tile.columns.map((name) => made("th", name, ["scope", "col"])));
    const body = made("tbody");
    for (const row of tile.rows) {
      const told = made("tr");
      told.append(...row.map((cell) => made("td", cell.text, ["data-level", cell.level], ["class", cell.shade])));
      body.append(told);
    }
    const top = made("thead");
    top.append(head);
    const table = box.querySelector(".rows");
    table.style.setProperty("--many", String(tile.rows.length));
    table.style.setProperty("--hours", String(tile.columns.length));
    table.replaceChildren(...(tile.columns.length ? [top] : []), body);
  };

  const people = (box, tile) => {
    const drawn = JSON.stringify(tile.people.map((one) => [one.who, one.doing, one.since, one.level]));
    if (box.drawn === drawn) return;
    box.drawn = drawn;
    const list = box.querySelector(".people");
    list.style.setProperty("--many", String(tile.people.length));
    list.replaceChildren(
      ...tile.people.map((one) => {
        const item = made("li", "", ["data-level", one.level]);
        item.append(
          made("b", one.who, ["class", "who"]),
          made("span", one.doing, ["class", "doing"]),
          made("time", one.for, ["class", "for"], ["data-since", one.since]),
        );
        return item;
      }),
    );
  };

  const words = (box, tile) => {
    box.querySelector(".text").dataset.long = String(tile.long ?? 0);
  };

  const OWN = { message: words, text: words, figure: digits, staffing: digits, trend: line, usual: line, forecast: line, agents: people, queues: rows, reasons: rows, praise: rows, thanks: rows, heatmap: rows };

  window.wallTiles = {
    // What of two frames must be the same for one page to show both: else the server draws anew.
    shape: (tiles) => tiles.map((one) => [one.id, one.kind, one.width, one.height].join(":")).join(),
    show: (box, tile) => {
      box.dataset.level = tile.level;
      box.dataset.trueAt = tile.true_at ?? "";
      OWN[tile.kind]?.(box, tile);
      for (const name of ["title", "word", "left", "right", "text", "from", "to", "unit"]) tell(box, name, tile[name] ?? "");
      if (tile.kind !== "clock") tell(box, "figure", tile.figure ?? "");
    },
    tell,
  };
})();
