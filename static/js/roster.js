// A roster's board: people and their shifts on a time axis. What is dragged goes to the server with
// the revision that it was thought of; what is refused goes back, and why is said. Shifts come with
// the people that are drawn. The list tells the same without this script, and each shift is a link
// to its form.
(() => {
  "use strict";
  const board = document.getElementById("board");
  if (!board || !window.EventCalendar || !window.rosterStrip) return;
  const { Strip, onQueue, days, node, clock, DAY } = window.rosterStrip;
  const { view, first, last } = board.dataset;
  const isDay = view === "day";
  const edits = Boolean(board.dataset.change);
  const many = days(first, last) + 1;
  const SIDE = 184;
  const said = document.getElementById("board-said");
  const others = document.getElementById("board-others");
  const strip = new Strip(document.getElementById("strip"), board);
  const state = { people: [], shifts: new Map(), has: new Set(), away: [], templates: {}, seen: Number(board.dataset.revision) };
  // The pages of English write days as "Mon 16 Mar".
  const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  let calendar = null;
  let chain = Promise.resolve();

  const key = (shift) => `${shift.agent}_${shift.day}`;
  const dayAfter = (day, far) => new Date(Date.parse(day) + far * 86400000).toISOString().slice(0, 10);
  const wall = (day, minute) => {
    const whole = Math.floor(minute / DAY);
    return `${dayAfter(day, whole)}T${clock(minute - whole * DAY)}:00`;
  };
  // EventCalendar's dates have the clock of the board in their local fields.
  const minutesOf = (date) => date.getHours() * 60 + date.getMinutes();
  const dayOf = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
  const hours = (minutes) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  const dayWords = (day, options) => new Date(`${day}T12:00:00`).toLocaleDateString(locale, options);
  const say = (text, level = "") => {
    said.textContent = text;
    said.dataset.level = level;
  };

  // Parts come without what is on the queue, which is what is left of its spells.
  const whole = (told) => {
    const parts = [];
    for (const [since, to] of told.spells) {
      let at = since;
      for (const [place, [kind, name, start, end]] of told.parts.entries()) {
        if (start < since || end > to) continue;
        if (start > at && !told.on_call) parts.push({ kind: "on_queue", name: "", start: at, end: start });
        parts.push({ kind, name, start, end, place });
        at = end;
      }
      if (at < to && !told.on_call) parts.push({ kind: "on_queue", name: "", start: at, end: to });
    }
    const [start, end] = [told.spells[0][0], told.spells[told.spells.length - 1][1]];
    const [name, tone] = state.templates[told.template] ?? ["", ""];
    return { ...told, told, parts, start, end, name, tone, text: `${clock(start)}–${clock(end)}`, url: form(told.agent, told.day) };
  };
  const form = (agent, day) => (board.dataset.shift ? board.dataset.shift.replace("/shifts/0/", `/shifts/${agent}/`).replace(/\d{4}-\d\d-\d\d/, day) : null);

  // --- drawing
  const event = (shift) => ({
    id: key(shift),
    resourceIds: [String(shift.agent)],
    start: isDay ? wall(shift.day, shift.start) : `${shift.day}T00:00:00`,
    end: isDay ? wall(shift.day, shift.end) : `${dayAfter(shift.day, 1)}T00:00:00`,
    allDay: !isDay,
    editable: edits,
    durationEditable: edits && isDay,
    classNames: ["of-shift", shift.tone ? `tone-${shift.tone}` : "tone-c8", shift.fixed ? "is-fixed" : "", shift.on_call ? "on-call" : ""].filter(Boolean),
    extendedProps: { shift },
  });
  const absent = (one) => ({
    id: `away_${one.agent}_${one.first}`,
    resourceIds: [String(one.agent)],
    start: `${one.first}T00:00:00`,
    end: `${dayAfter(one.last, 1)}T00:00:00`,
    allDay: !isDay,
    display: "background",
    title: board.dataset.wAway,
    classNames: ["is-away"],
  });
  // "8", or "8:30": there is no room for more where four weeks are shown.
  const short = (shift) => shift.text.slice(0, 5).replace(/^0/, "").replace(":00", "");
  // What of a shift is on the day that is shown: a night goes on, or began the day before.
  const seen = (shift) => {
    const begin = days(shift.day, first) * DAY;
    return [Math.max(shift.start, begin), Math.min(shift.end, begin + DAY)];
  };
  const grips = new WeakMap();
  const content = (info) => {
    const shift = info.event.extendedProps.shift;
    if (!shift) return undefined;
    const nodes = [];
    if (isDay) {
      const [since, until] = seen(shift);
      const laid = (mark, part) => {
        mark.style.left = `${((part.start - since) / (until - since)) * 100}%`;
        mark.style.width = `${((part.end - part.start) / (until - since)) * 100}%`;
        return mark;
      };
      for (const part of shift.parts) {
        if (part.kind === "on_queue" || part.kind === "on_call" || part.start < since || part.end > until) continue;
        const title = `${part.name} ${clock(part.start)}–${clock(part.end)}`;
        const mark = laid(node("span", "", ["class", `part part-${part.kind}`], ["title", title]), part);
        nodes.push(mark);
        if (!edits) continue;
        // What is taken hold of lies over the link, what is seen under its words.
        const grip = laid(node("span", "", ["class", "grip"], ["title", title]), part);
        grips.set(grip, { shift, part, mark });
        nodes.push(grip);
      }
    }
    let text = shift.text;
    // While it is dragged it tells where it would be.
    if (isDay && info.event.display === "preview") text = `${clock(minutesOf(info.event.start))}–${clock(minutesOf(info.event.end))}`;
    const full = [shift.text, shift.name, shift.fixed ? board.dataset.wFixed : "", shift.on_call ? board.dataset.wOncall : ""].filter(Boolean).join(", ");
    const label = node(shift.url ? "a" : "span", view === "month" ? short(shift) : text, ["class", "of-text"], ["href", shift.url], ["title", full], ["draggable", "false"]);
    if (shift.url) label.setAttribute("aria-label", `${state.names?.get(shift.agent) ?? ""} ${dayWords(shift.day, { weekday: "short", day: "numeric", month: "short" })} ${full}`);
    nodes.push(label);
    if (isDay && shift.name) nodes.push(node("small", shift.name));
    return { domNodes: nodes };
  };
  const person = (info) => {
    const one = info.resource.extendedProps?.person;
    if (!one) return { domNodes: [node("span", info.resource.title)] };
    return { domNodes: [node("b", one.name, ["title", [one.name, one.team].filter(Boolean).join(", ")]), node("small", hours(info.resource.extendedProps.minutes), ["title", board.dataset.wHours])] };
  };
  const matching = () => {
    const name = document.getElementById("b-name").value.trim().toLocaleLowerCase();
    const team = document.getElementById("b-team").value;
    const skill = document.getElementById("b-skill")?.value ?? "";
    return state.people.filter((one) => (!name || one.name.toLocaleLowerCase().includes(name)) && (!team || one.team === team) && (!skill || one.skills.includes(skill)));
  };
  // Rows are drawn some at a time: a browser is slow with thousands of shifts, and nobody reads them.
  const ROWS = view === "month" ? 40 : 60;
  const pager = document.getElementById("board-rows");
  let page = 0;
  const drawn = () => {
    const all = matching();
    page = Math.max(0, Math.min(page, Math.ceil(all.length / ROWS) - 1));
    pager.hidden = all.length <= ROWS;
    pager.querySelector("b").textContent = `${page * ROWS + 1}–${Math.min((page + 1) * ROWS, all.length)} / ${all.length}`;
    const [back, on] = pager.querySelectorAll("button");
    back.disabled = !page;
    on.disabled = (page + 1) * ROWS >= all.length;
    return all.slice(page * ROWS, (page + 1) * ROWS);
  };
  // Hours are of the days that are shown, as the table and the paper have them.
  const resources = () => {
    const minutes = new Map();
    for (const one of state.shifts.values())
      if (one.day >= first && one.day <= last) minutes.set(one.agent, (minutes.get(one.agent) ?? 0) + one.minutes);
    return drawn().map((one) => ({ id: String(one.id), title: one.name, extendedProps: { person: one, minutes: minutes.get(one.id) ?? 0 } }));
  };
  const events = () => {
    const there = new Set(drawn().map((one) => one.id));
    return [...[...state.shifts.values()].filter((one) => there.has(one.agent)).map(event), ...state.away.filter((one) => there.has(one.agent)).map(absent)];
  };

  const columns = () => {
    if (isDay) return [...Array(24).keys()].map((hour) => [hour * 60, (hour + 1) * 60]);
    return [...Array(many).keys()].map((day) => [day * DAY, (day + 1) * DAY]);
  };
  const labels = () => (isDay ? columns().map(([from]) => clock(from)) : columns().map((_one, day) => dayWords(dayAfter(first, day), { weekday: "short", day: "numeric" })));
  const fit = () => {
    const main = board.querySelector(".ec-main");
    const side = board.querySelector(".ec-sidebar");
    if (!main || !side) return;
    // What it calls a table has no cells: its links tell all that there is.
    for (const one of board.querySelectorAll(".ec, .ec :not(a, span, b, small)"))
      for (const name of one.getAttributeNames()) if (name === "role" || name.startsWith("aria-")) one.removeAttribute(name);
    const left = side.getBoundingClientRect().width;
    const width = isDay ? slotWidth() * 24 : main.clientWidth - left;
    strip.fit(left, width, columns(), labels());
  };
  const slotWidth = () => Math.max(22, Math.floor((board.clientWidth - SIDE - 18) / 24));
  // What ends a drag is no click on the link that was dragged.
  let stopped = 0;
  let sending = 0;
  board.addEventListener("click", (click) => {
    if (performance.now() - stopped > 300) return;
    click.preventDefault();
    click.stopPropagation();
  }, true);
  // A pause, or another part, is dragged within its spell by quarters of an hour.
  board.addEventListener("pointerdown", (press) => {
    const held = grips.get(press.target);
    if (!held || press.button) return;
    press.stopPropagation();
    press.preventDefault();
    const { shift, part, mark } = held;
    const label = press.target.parentElement.querySelector(".of-text");
    const text = label.textContent;
    const [since, until] = seen(shift);
    const each = (until - since) / press.target.parentElement.getBoundingClientRect().width;
    const [from, to] = shift.spells.find(([begin, end]) => begin <= part.start && part.end <= end);
    const length = part.end - part.start;
    let at = part.start;
    const laid = () => {
      for (const one of [mark, press.target]) one.style.left = `${((at - since) / (until - since)) * 100}%`;
    };
    const back = () => {
      at = part.start;
      laid();
      label.textContent = text;
      strip.preview(null, null);
    };
    const moved = (move) => {
      const near = Math.round((part.start + (move.clientX - press.clientX) * each) / 15) * 15;
      at = Math.max(from, Math.min(near, to - length));
      laid();
      label.textContent = `${part.name} ${clock(at)}–${clock(at + length)}`;
      const parts = shift.told.parts.map((one, place) => (place === part.place ? [part.kind, part.name, at, at + length] : one)).sort((one, other) => one[2] - other[2]);
      strip.preview(onQueue(shift, first), onQueue(whole({ ...shift.told, parts }), first));
    };
    const ended = new AbortController();
    const on = (name, what) => document.addEventListener(name, what, { signal: ended.signal, capture: true });
    on("pointermove", moved);
    on("pointercancel", () => { ended.abort(); back(); });
    on("keydown", (key) => { if (key.key === "Escape") { ended.abort(); back(); } });
    on("pointerup", (up) => {
      ended.abort();
      stopped = performance.now();
      if (Math.abs(up.clientX - press.clientX) < 3) location.assign(shift.url);
      else if (at === part.start) back();
      else send(() => post(board.dataset.change, { seen: state.seen, changes: [{ do: "within", agent: shift.agent, day: shift.day, place: part.place, was: part.start, start: at }] }), back);
    });
  }, true);
  const over = () => {
    stopped = performance.now();
    // A drop keeps its preview until the server has answered.
    setTimeout(() => sending || strip.preview(null, null), 50);
  };
  const height = () => {
    const rows = Math.min(matching().length, ROWS);
    const room = Math.max(280, window.innerHeight - 330);
    return rows * 34 + 70 > room ? `${room}px` : "auto";
  };

  // Shifts of who is to be drawn and was not yet.
  const fill = async () => {
    const missing = drawn().map((one) => one.id).filter((one) => !state.has.has(one));
    if (!missing.length) return;
    const told = await got(`${board.dataset.url}&people=${missing.join(",")}`);
    if (told.revision !== state.seen) return load();
    for (const one of told.shifts) state.shifts.set(key(one), whole(one));
    for (const one of missing) state.has.add(one);
    return undefined;
  };
  let turn = 0;
  const redraw = async () => {
    const mine = ++turn;
    await fill();
    // Somebody has chosen others meanwhile.
    if (mine !== turn) return;
    calendar.setOption("resources", resources());
    calendar.setOption("events", events());
    calendar.setOption("height", height());
    requestAnimationFrame(fit);
  };

  // --- what a drag comes to
  const target = (info) => {
    const shift = info.event.extendedProps.shift;
    const agent = Number((info.newResource ?? { id: info.event.resourceIds[0] }).id);
    const day = dayOf(info.event.start);
    const start = isDay ? minutesOf(info.event.start) : shift.start;
    const minutes = isDay ? Math.round((info.event.end - info.event.start) / 60000) : shift.end - shift.start;
    return { shift, agent, day, start, minutes };
  };
  const would = ({ shift, day, start, minutes }) => {
    const far = start - shift.start;
    if (minutes === shift.end - shift.start) {
      const begin = days(first, day) * DAY;
      return shift.parts.filter((part) => part.kind === "on_queue").map((part) => [begin + part.start + far, begin + part.end + far]);
    }
    // Longer or shorter: what is within stays where it is, the rest is on the queue.
    const begin = days(first, day) * DAY;
    const spans = [];
    let at = start;
    for (const part of shift.parts) {
      if (part.kind === "on_queue" || part.start < start || part.end > start + minutes) continue;
      if (part.start > at) spans.push([begin + at, begin + part.start]);
      at = part.end;
    }
    if (at < start + minutes) spans.push([begin + at, begin + start + minutes]);
    return spans;
  };
  const live = (info) => {
    const to = target(info);
    if (!to.shift.on_call) strip.preview(onQueue(to.shift, first), would(to));
    return true;
  };

  // --- talking to the server
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
  const post = async (url, body) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(body ?? {}),
    });
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(told.words), { words: told.words });
    return told;
  };
  const took = (answer) => {
    // Others may have been there meanwhile: then all is read again, or their changes would be missed.
    const alone = answer.revision === state.seen + 1;
    const shown = new Set(drawn().map((one) => one.id));
    for (const [agent, day] of answer.keys) {
      const name = `${agent}_${day}`;
      if (state.shifts.delete(name)) calendar.removeEventById(name);
    }
    for (const one of answer.shifts) {
      const shift = whole(one);
      if (days(first, shift.day) < -1 || days(shift.day, last) < 0) continue;
      state.shifts.set(key(shift), shift);
      if (shown.has(shift.agent)) calendar.addEvent(event(shift));
    }
    calendar.setOption("resources", resources());
    strip.merge(answer.strip);
    for (const step of ["undo", "redo"]) document.querySelector(`[data-step=${step}] button`).disabled = !answer[`can_${step}`];
    const broken = answer.broken.slice(0, 4).map((one) => one.words);
    if (answer.broken.length > 4) broken.push("…");
    say(broken.length ? `${board.dataset.wBreaks} ${broken.join("; ")}` : board.dataset.wSaved, answer.broken.some((one) => one.hard) ? "bad" : broken.length ? "warn" : "ok");
    document.body.dispatchEvent(new Event("roster-changed"));
    listed();
    refreshSlots();
    if (alone) state.seen = answer.revision;
    else return load();
    return undefined;
  };
  // The list is asked for again only where it is seen.
  const list = document.getElementById("who");
  const narrow = window.matchMedia("(max-width: 760px)");
  let stale = false;
  const listed = () => {
    stale = !narrow.matches;
    if (!stale) list.dispatchEvent(new Event("roster-changed"));
  };
  narrow.addEventListener("change", () => stale && listed());
  const send = (work, back) => {
    sending += 1;
    chain = chain.then(async () => {
      try {
        await took(await work());
      } catch (fault) {
        back?.();
        strip.preview(null, null);
        say(fault.words ?? board.dataset.wFailed, "bad");
      } finally {
        sending -= 1;
      }
    });
    return chain;
  };
  const dropped = (info) => {
    const to = target(info);
    const change = { do: "put", agent: to.shift.agent, day: to.shift.day, start: to.start, minutes: to.minutes, to_agent: to.agent, to_day: to.day };
    send(() => post(board.dataset.change, { seen: state.seen, changes: [change] }), () => info.revert());
  };
  const step = (which) => {
    const form = document.querySelector(`[data-step=${which}]`);
    if (form && !form.querySelector("button").disabled) send(() => post(form.action));
  };

  const got = async (url) => {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("not loaded");
    return answer.json();
  };
  const load = async () => {
    const told = await got(`${board.dataset.url}&rows=${ROWS}`);
    state.people = told.people;
    state.names = new Map(told.people.map((one) => [one.id, one.name]));
    state.away = told.away;
    state.templates = told.templates;
    state.seen = told.revision;
    state.shifts = new Map(told.shifts.map((shift) => [key(shift), whole(shift)]));
    state.has = new Set(told.people.slice(0, ROWS).map((one) => one.id));
    const kinds = document.getElementById("board-kinds");
    const used = new Set(told.shifts.map((one) => one.template));
    kinds.replaceChildren(...Object.entries(told.templates).filter(([id]) => used.has(Number(id))).map(([, [name, tone]]) => node("li", name, ["class", `tone-${tone || "c8"}`])));
    kinds.hidden = !kinds.childElementCount;
    const teams = [...new Set(told.people.map((one) => one.team).filter(Boolean))].sort();
    const pick = document.getElementById("b-team");
    const chosen = pick.value;
    pick.replaceChildren(pick.options[0], ...teams.map((team) => node("option", team, ["value", team])));
    pick.value = chosen;
    pick.closest("label").hidden = !teams.length;
    if (calendar) await redraw();
    else make();
    strip.set(told.strip);
    const unasked = document.getElementById("unasked");
    if (unasked) unasked.hidden = Boolean(told.strip);
    if (!state.people.length) say(board.dataset.wEmpty, "warn");
    const table = document.getElementById("slots");
    if (table) table.hidden = !told.strip;
    refreshSlots();
    others.hidden = true;
  };
  const refreshSlots = () => {
    const table = document.getElementById("slots");
    if (table?.open && strip.told) table.querySelector(".scroll").replaceChildren(strip.slots((day) => dayWords(dayAfter(first, day), { weekday: "short", day: "numeric" })));
  };
  const poll = async () => {
    if (document.hidden || !board.dataset.since) return;
    try {
      const answer = await fetch(`${board.dataset.since}?revision=${state.seen}`, {
        headers: { Accept: "application/json", "Ccm-Background": "yes" },
      });
      if (!answer.ok) return;
      const told = await answer.json();
      if (told.revision <= state.seen) return;
      others.querySelector("p").textContent = told.edits.map((one) => board.dataset.wChanged.replace("{who}", one.who).replace("{what}", one.words)).join("; ");
      others.hidden = false;
    } catch {
      // Next time.
    }
  };

  const make = () => {
    calendar = window.EventCalendar.create(board, {
      view: isDay ? "resourceTimelineDay" : "resourceTimelineMonth",
      duration: { days: isDay ? 1 : many },
      date: `${first}T00:00:00`,
      locale,
      headerToolbar: { start: "", center: "", end: "" },
      resources: resources(),
      events: events(),
      height: height(),
      slotDuration: isDay ? "01:00" : { days: 1 },
      slotLabelInterval: isDay ? "01:00" : undefined,
      slotWidth: slotWidth(),
      slotLabelFormat: (time) => String(time.getHours()).padStart(2, "0"),
      snapDuration: isDay ? "00:15" : undefined,
      dayHeaderFormat: (date) => (view === "month" ? { domNodes: [node("span", dayWords(dayOf(date), { weekday: "narrow" })), node("b", String(date.getDate()))] } : dayWords(dayOf(date), { weekday: "short", day: "numeric", month: "short" })),
      eventContent: content,
      resourceLabelContent: person,
      eventBackgroundColor: "transparent",
      eventStartEditable: edits,
      eventDurationEditable: edits && isDay,
      eventResizableFromStart: edits && isDay,
      editable: edits,
      dragScroll: true,
      nowIndicator: false,
      highlightedDates: [],
      filterEventsWithResources: true,
      dragConstraint: live,
      resizeConstraint: live,
      eventDragStop: over,
      eventResizeStop: over,
      eventDrop: dropped,
      eventResize: dropped,
      // The link within is what is operated: no button around it.
      eventDidMount: ({ el }) => {
        el.removeAttribute("role");
        el.removeAttribute("tabindex");
      },
      dateClick: (info) => {
        if (!edits || !info.resource) return;
        const day = dayOf(info.date);
        if (!state.shifts.has(`${info.resource.id}_${day}`)) location.assign(form(info.resource.id, day));
      },
    });
    board.dataset.drawn = "";
    board.dataset.span = view;
    document.documentElement.classList.add("with-board");
    requestAnimationFrame(fit);
    new ResizeObserver(() => {
      if (isDay) calendar.setOption("slotWidth", slotWidth());
      calendar.setOption("height", height());
      requestAnimationFrame(fit);
    }).observe(board.parentElement);
  };

  const chosen = () => redraw().catch(() => say(board.dataset.wFailedLoad, "bad"));
  pager.querySelectorAll("button").forEach((button, far) => button.addEventListener("click", () => {
    page += far ? 1 : -1;
    chosen();
  }));
  let typed = 0;
  for (const id of ["b-name", "b-team", "b-skill"]) document.getElementById(id)?.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => {
      page = 0;
      chosen();
      const many = matching().length;
      say(!many ? board.dataset.wNobody : many < state.people.length && strip.told ? board.dataset.wWhole : "");
    }, 120);
  });
  for (const which of ["undo", "redo"]) document.querySelector(`[data-step=${which}]`)?.addEventListener("submit", (submit) => {
    submit.preventDefault();
    step(which);
  });
  document.addEventListener("keydown", (press) => {
    if (!edits || !(press.ctrlKey || press.metaKey) || press.key.toLowerCase() !== "z" || press.target.closest("input, select, textarea")) return;
    press.preventDefault();
    step(press.shiftKey ? "redo" : "undo");
  });
  others.querySelector("button").addEventListener("click", () => load().catch(() => say(board.dataset.wFailed, "bad")));
  document.getElementById("slots")?.addEventListener("toggle", refreshSlots);
  load().catch(() => say(board.dataset.wLost, "bad"));
  setInterval(poll, 5000);
})();
