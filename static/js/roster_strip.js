// The strip under a roster's board: what is required and scheduled on the board's own time axis,
// column by column. Numbers come from the server; while a shift is dragged the browser moves its
// minutes, and the server's answer then confirms.
(() => {
  "use strict";
  const DAY = 1440;
  // As the icons of every page have it.
  const SVG = document.querySelector("svg").namespaceURI;
  const HEIGHT = 72;
  const days = (first, second) => Math.round((Date.parse(second) - Date.parse(first)) / 86400000);
  const node = (name, text, ...more) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    for (const [key, value] of more) if (value) made.setAttribute(key, value);
    return made;
  };
  const two = (number) => String(number).padStart(2, "0");
  const clock = (minute) => `${two(Math.floor((minute % DAY) / 60))}:${two(minute % 60)}`;
  const shortly = (number) => (Math.abs(number) < 0.05 ? "0" : number.toFixed(Math.abs(number) < 99.95 ? 1 : 0));

  // Minutes of the clock that a shift is on the queue, from the first midnight of the board.
  const onQueue = (shift, first) => {
    const begin = days(first, shift.day) * DAY;
    return shift.parts.filter((part) => part.kind === "on_queue").map((part) => [begin + part.start, begin + part.end]);
  };

  class Strip {
    constructor(box, board) {
      Object.assign(this, { box, board, told: null, moved: null });
      this.words = board.dataset;
    }

    set(told) {
      this.told = told;
      this.moved = null;
      this.box.hidden = !told;
      if (told) this.draw();
    }

    // Slots that a change was about, in place of those that were there.
    merge(part) {
      if (!part || !this.told) return;
      const far = days(this.told.first, part.first) * DAY;
      const place = new Map(this.told.at.map((at, slot) => [at, slot]));
      part.at.forEach((at, slot) => {
        const mine = place.get(at + far);
        if (mine === undefined) return;
        for (const row of ["required", "there", "short", "calls", "level", "fewer", "more", "costs"]) this.told[row][mine] = part[row][slot];
      });
      this.moved = null;
      this.draw();
    }

    // One shift out, and the same one in elsewhere: each a list of [from, to] minutes; null: as told.
    preview(out, into) {
      if (!this.told) return;
      const there = [...this.told.there];
      const touched = new Set();
      const size = this.told.slot_minutes;
      for (const [spans, sign] of [[out, -1], [into, 1]])
        for (const [from, to] of spans ?? [])
          this.told.at.forEach((at, slot) => {
            const within = Math.min(to, at + size) - Math.max(from, at);
            if (within <= 0) return;
            there[slot] += (sign * within) / size;
            touched.add(slot);
          });
      this.moved = out || into ? { there, touched } : null;
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.draw());
    }

    values(slot) {
      const { required, there, short, calls, level, costs, under, over } = this.told;
      const moved = this.moved?.touched.has(slot);
      const now = moved ? this.moved.there[slot] : there[slot];
      // Who is there beyond what is asked for goes first.
      const beyond = Math.max(there[slot] - required[slot] + short[slot], 0);
      const missing = moved ? Math.max(short[slot] + there[slot] - now - beyond, 0) : short[slot];
      return {
        required: required[slot],
        there: now,
        short: missing,
        costs: moved ? under * missing + over * Math.max(now - required[slot] + missing, 0) : costs[slot],
        calls: calls[slot],
        level: moved ? this.likely(slot, now - there[slot]) : level[slot],
        moved,
      };
    }

    // The service level with so many more there, or fewer: between what it is with one more, and as told.
    likely(slot, far) {
      const { level, fewer, more } = this.told;
      const next = (far < 0 ? fewer : more)[slot];
      if (level[slot] === null || next === null) return null;
      return Math.min(Math.max(level[slot] + Math.abs(far) * (next - level[slot]), 0), 1);
    }

    // What the board measures: where its columns begin, how wide all of them are, how many there are.
    fit(side, width, columns, labels) {
      Object.assign(this, { side, width, columns, labels });
      if (this.told) this.draw();
    }

    draw() {
      if (!this.columns) return;
      const each = this.columns.map(() => ({ required: 0, there: 0, short: 0, slots: 0, asked: 0, calls: 0, answered: 0, known: 0, moved: false }));
      this.told.at.forEach((at, slot) => {
        const column = each[this.columns.findIndex(([from, to]) => at >= from && at < to)];
        if (!column) return;
        const one = this.values(slot);
        for (const row of ["required", "there", "short"]) column[row] += one[row];
        column.slots += 1;
        // Of some it is not known what is asked.
        column.asked += this.told.known[slot] ? 1 : 0;
        column.moved ||= one.moved;
        if (one.level !== null) {
          column.known += one.calls;
          column.answered += one.calls * one.level;
        }
      });
      this.box.style.setProperty("--side", `${this.side}px`);
      this.box.style.setProperty("--wide", `${this.width}px`);
      this.box.replaceChildren(this.chart(), this.table(each));
    }

    chart() {
      const { at, slot_minutes: size } = this.told;
      const start = this.columns[0][0];
      const all = this.columns[this.columns.length - 1][1] - start;
      const most = Math.max(1, ...this.told.required, ...(this.moved?.there ?? this.told.there)) * 1.08;
      const x = (minute) => (((minute - start) / all) * this.width).toFixed(1);
      const y = (value) => (HEIGHT - (value / most) * HEIGHT).toFixed(1);
      const line = (of) => at.map((minute, slot) => `${slot ? "L" : "M"}${x(minute)} ${y(of(slot))}H${x(minute + size)}`).join("");
      const area = (top, bottom) =>
        at.map((minute, slot) => {
          const [high, low] = [top(slot), bottom(slot)];
          return high > low ? `M${x(minute)} ${y(low)}V${y(high)}H${x(minute + size)}V${y(low)}Z` : "";
        }).join("");
      const sheet = document.createElementNS(SVG, "svg");
      for (const [key, value] of [["viewBox", `0 0 ${this.width} ${HEIGHT}`], ["width", this.width], ["height", HEIGHT], ["aria-hidden", "true"]])
        sheet.setAttribute(key, value);
      const path = (name, d) => {
        const made = document.createElementNS(SVG, "path");
        made.setAttribute("class", name);
        made.setAttribute("d", d);
        sheet.append(made);
      };
      const now = (slot) => (this.moved ? this.moved.there[slot] : this.told.there[slot]);
      path("strip-there", area(now, () => 0));
      path("strip-short", area((slot) => this.told.required[slot], now));
      path("strip-line", line(now));
      path("strip-required", line((slot) => this.told.required[slot]));
      return sheet;
    }

    table(each) {
      const made = node("table", "", ["class", "figures strip-table"]);
      made.append(node("caption", this.words.wCaption, ["class", "visually-hidden"]));
      const head = node("tr");
      head.append(node("td"), ...this.labels.map((label) => node("th", label, ["scope", "col"])));
      const top = node("thead", "", ["class", "visually-hidden"]);
      top.append(head);
      const rows = [
        [this.words.wRequired, (one) => (one.asked ? shortly(one.required / one.asked) : "–")],
        [this.words.wThere, (one) => (one.slots ? shortly(one.there / one.slots) : "–")],
        [this.words.wGap, (one) => (one.asked ? `${one.moved ? "~" : ""}${shortly(one.short / one.asked)}` : "–"), (one) => (one.short / one.asked > 0.5 ? "bad" : "")],
        // Columns are too narrow for a sign beside each figure.
        [`${this.words.wLevel}, %`, (one) => (one.known ? `${one.moved ? "~" : ""}${Math.round((one.answered / one.known) * 100)}` : "–")],
      ];
      const body = node("tbody");
      for (const [name, text, level] of rows) {
        const row = node("tr");
        row.append(node("th", name, ["scope", "row"]), ...each.map((one) => node("td", text(one), ["data-level", level?.(one)])));
        body.append(row);
      }
      const widths = node("colgroup");
      widths.append(node("col", "", ["class", "strip-side"]), node("col", "", ["span", String(each.length)]));
      made.append(widths, top, body);
      return made;
    }

    // Every slot in which anybody is asked for or there.
    slots(firstWords) {
      const made = node("table", "", ["class", "figures"]);
      made.append(node("caption", this.words.wCaption, ["class", "visually-hidden"]));
      const head = node("tr");
      for (const name of ["wFrom", "wRequired", "wThere", "wGap", "wCosts", "wLevel"]) head.append(node("th", this.words[name], ["scope", "col"], ["class", name === "wFrom" ? "words" : ""]));
      const top = node("thead");
      top.append(head);
      const body = node("tbody");
      this.told.at.forEach((at, slot) => {
        const one = this.values(slot);
        if (!one.required && !one.there) return;
        const row = node("tr");
        row.append(node("th", `${firstWords(Math.floor(at / DAY))} ${clock(at)}`, ["scope", "row"], ["class", "words"]));
        const known = (value) => (this.told.known[slot] ? shortly(value) : "–");
        for (const [name, text] of [["wRequired", known(one.required)], ["wThere", shortly(one.there)], ["wGap", known(one.short)], ["wCosts", known(one.costs)], ["wLevel", one.level === null ? "–" : `${Math.round(one.level * 100)}\u00a0%`]])
          row.append(node("td", text, ["data-label", this.words[name]]));
        body.append(row);
      });
      made.append(top, body);
      return made;
    }
  }

  window.rosterStrip = { Strip, onQueue, days, node, clock, DAY };
})();
