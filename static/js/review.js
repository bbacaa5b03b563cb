// The draft of a review. What is said goes to the server by itself, a moment after it was said and when
// the page is left, with the revision that it was thought of; what could not be saved stays here and
// is sent again, and is kept in this tab until it is, should the page be loaded anew. The server
// alone reckons the score. The form works without this script.
(() => {
  "use strict";
  if (!window.review) return;
  const { page, form, w, crits, of, whole, live, fields, plain, answer, put, dress, named, seen, next, choose, reveal, begin, current } = window.review;
  const { clock, lines, lineAt, chosen } = window.heard;
  const SOON = 350; // after a choice
  const LATER = 1400; // after a letter
  const AGAIN = [2000, 5000, 10000, 20000];
  const player = () => window.recording;
  const state = JSON.parse(document.getElementById("rv-state").textContent);
  const saved = document.getElementById("rv-saved");
  const notice = document.getElementById("rv-notice");
  const node = (tag, text = "", ...attributes) => {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of attributes) if (value !== null && value !== undefined) made.setAttribute(name, value);
    return made;
  };
  // The pages of English write times as "22:05".
  const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const now = () => {
    const found = new Map();
    for (const crit of crits) if (crit.dataset.criterion) found.set(crit.dataset.criterion, answer(crit));
    return found;
  };
  // What the server is known to have.
  let known = now();
  let knownComment = plain(whole.value);
  // What was sent and is not known to be right: it is not sent again before it changes.
  let refused = new Map();
  let revision = state.revision;
  let pins = []; // that are to be saved
  let unpins = [];
  const alike = (a, b) => a.value === b.value && a.skipped === b.skipped;
  const same = (a, b) => a && b && a.value === b.value && a.skipped === b.skipped && a.comment === b.comment;
  const dirty = () => {
    const changed = ([key, said]) => !same(said, known.get(key)) && !same(said, refused.get(key));
    const answers = Object.fromEntries([...now()].filter(changed));
    const found = { answers, pins: [...pins], unpinned: [...unpins] };
    if (plain(whole.value) !== knownComment) found.comment = plain(whole.value);
    return found;
  };
  const says = (one) => Object.keys(one.answers).length > 0 || one.comment !== undefined || one.pins.length > 0 || one.unpinned.length > 0;

  // --- what is not saved yet outlives a page that is loaded anew
  const store = (one) => {
    try {
      const base = Object.fromEntries(Object.keys(one?.answers ?? {}).map((key) => [key, known.get(key)]));
      if (one && says(one)) sessionStorage.setItem(w.key, JSON.stringify({ user: w.user, revision, base, baseComment: knownComment, ...one }));
      else sessionStorage.removeItem(w.key);
    } catch {
      // storage is off: the page itself still has it
    }
  };
  const stored = () => {
    try {
      const one = JSON.parse(sessionStorage.getItem(w.key) ?? "null");
      return one && one.user === w.user ? one : null;
    } catch {
      return null;
    }
  };

  // --- saving
  let timer = null;
  let busy = null; // the save that is under way
  let tries = 0;
  let stopped = false; // changed elsewhere, or not ours any more
  const told = (text, level = "") => {
    saved.textContent = text;
    saved.dataset.level = level;
  };
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const OUTLIVES = 60000; // signs that a browser sends on when the page is left
  const post = (said) => {
    const body = JSON.stringify({ revision, ...said });
    return fetch(w.save, {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual",
      keepalive: body.length < OUTLIVES,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body,
    });
  };
  const later = (wait) => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };
  const changed = (wait) => {
    reveal();
    const said = dirty();
    store(said);
    if (!says(said)) return;
    told(w.wUnsaved);
    later(wait);
  };
  const took = (said, body) => {
    revision = body.revision;
    form.elements.revision.value = revision;
    const wrong = new Set(Object.keys(body.wrong ?? {}).map((place) => place.split("/")[2]));
    for (const [key, one] of Object.entries(said.answers)) {
      if (wrong.has(escaped(key))) refused.set(key, one);
      else {
        known.set(key, one);
        refused.delete(key);
      }
    }
    if (said.comment !== undefined && !body.wrong?.["/comment"]) knownComment = said.comment;
    pins = pins.filter((one) => !said.pins.includes(one));
    unpins = unpins.filter((one) => !said.unpinned.includes(one));
    for (const crit of crits) {
      if (crit.dataset.criterion in said.answers) lacks(crit, "");
    }
    for (const [place, words] of Object.entries(body.wrong ?? {})) {
      const crit = crits.find((one) => escaped(one.dataset.criterion) === place.split("/")[2]);
      if (crit && place.startsWith("/answers/")) lacks(crit, words);
    }
  };
  const escaped = (key) => key.slice(0, 60).replaceAll("~", "~0").replaceAll("/", "~1");
  // One after the other: each is thought of on what the last one left.
  async function save() {
    clearTimeout(timer);
    if (busy || stopped) return busy ?? undefined;
    const said = dirty();
    if (!says(said)) return undefined;
    told(w.wSaving);
    busy = sent(said).finally(() => {
      busy = null;
      if (!stopped && says(dirty()) && !tries) later(SOON);
    });
    return busy;
  }
  async function sent(said) {
    let reply;
    try {
      reply = await post(said);
    } catch {
      return failed(w.wLost);
    }
    if (reply.type === "opaqueredirect" || [401, 403].includes(reply.status)) return failed(w.wSignedOut);
    if (reply.status >= 500 || reply.status === 429) return failed(w.wLost);
    const body = await reply.json().catch(() => ({}));
    tries = 0;
    if (reply.status === 409) return stale(body);
    if (!reply.ok) return closed(body.detail ?? `${reply.status}`);
    took(said, body);
    show(body);
    store(dirty());
    notice.hidden = true;
    toldSaved();
    return undefined;
  }
  const toldSaved = () => told(`${w.wSaved} ${new Date().toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" })}`);
  const failed = (words) => {
    told(words, "warn");
    store(dirty());
    later(AGAIN[Math.min(tries, AGAIN.length - 1)]);
    tries += 1;
  };
  const closed = (words) => {
    stopped = true;
    store(dirty());
    told(words, "warn");
    complain(words, []);
  };
  const complain = (words, differs, choose = false) => {
    document.getElementById("rv-refusal").textContent = words;
    document.getElementById("rv-differs").replaceChildren(
      ...differs.map(({ name, mine, there }) => {
        const item = node("li");
        item.append(node("b", name), node("span", `${w.wHere}: ${mine || "–"}`), node("span", `${w.wThere}: ${there || "–"}`));
        return item;
      }),
    );
    document.getElementById("rv-choose").hidden = !choose;
    notice.hidden = false;
  };
  // Somebody, or another tab, was quicker: what differs is told, and nothing here is given up.
  let theirs = null;
  const stale = (body) => {
    theirs = body;
    const mine = dirty();
    const differs = [];
    for (const [key, crit] of of) {
      if (!key) continue;
      const there = body.answers[key] ?? { value: "", skipped: false, comment: "" };
      const base = known.get(key);
      const here = mine.answers[key] ?? base;
      const name = crit.dataset.name;
      const merged = { ...here };
      // What only one of the two changed is as they changed it; what both did is for the reviewer.
      if (here.value === base.value && here.skipped === base.skipped) Object.assign(merged, { value: there.value, skipped: there.skipped });
      else if (!alike(there, base) && !alike(there, here)) differs.push({ name, mine: named(crit, here), there: named(crit, there) });
      if (here.comment === base.comment) merged.comment = there.comment;
      else if (there.comment !== base.comment && there.comment !== here.comment) differs.push({ name: `${name}, ${w.wComment}`, mine: here.comment, there: there.comment });
      known.set(key, there);
      if (!same(merged, here)) put(crit, merged);
    }
    const comment = plain(body.comment);
    if (mine.comment === undefined) whole.value = body.comment;
    else if (comment !== knownComment && comment !== mine.comment) differs.push({ name: w.wWhole, mine: mine.comment, there: body.comment });
    knownComment = comment;
    revision = body.revision;
    form.elements.revision.value = revision;
    // What was sent and is there already: the answer to it was lost.
    pins = pins.filter((one) => !body.pins.some((there) => there.criterion === one.criterion && there.at_ms === one.at_ms && there.line === one.line));
    unpins = unpins.filter((one) => body.pins.some((there) => there.id === one));
    show(body);
    if (!differs.length) {
      if (says(dirty())) later(SOON);
      else {
        store(null);
        toldSaved();
      }
      return;
    }
    stopped = true;
    store(dirty());
    told(w.wUnsaved, "warn");
    complain(body.detail, differs, true);
  };
  const settled = () => {
    stopped = false;
    theirs = null;
    notice.hidden = true;
  };
  document.getElementById("rv-mine").addEventListener("click", () => {
    settled();
    save();
  });
  document.getElementById("rv-theirs").addEventListener("click", () => {
    for (const [key, crit] of of) if (key) put(crit, theirs.answers[key] ?? { value: "", skipped: false, comment: "" });
    whole.value = theirs.comment;
    pins = [];
    unpins = [];
    store(null);
    settled();
    toldSaved();
  });

  // --- what the server says of it
  const lacks = (crit, words) => {
    const place = crit.querySelector(".rv-lacks");
    if (place) place.textContent = words;
  };
  const number = (value) => value.toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const show = (body) => {
    const failing = body.failed.length > 0 || body.failed_sections.length > 0;
    document.getElementById("rv-percent").textContent = body.score_percent === null ? "–" : number(body.score_percent);
    document.getElementById("rv-so-far").textContent = [body.score_percent === null ? w.wNone : w.wScore, w.wOf.replace("{n}", body.answered).replace("{m}", body.asked), ...(failing ? [] : [w.wNoFail])].join(" · ");
    const bar = document.getElementById("rv-progress");
    bar.max = Math.max(1, body.asked);
    bar.value = body.answered;
    const fail = document.getElementById("rv-fail");
    const parts = [body.failed.map((one) => one.name).join(", "), ...body.failed_sections.map((one) => `${w.wFailSection} ${one.name}`)];
    fail.hidden = !failing;
    fail.querySelector("span:last-child").textContent = parts.filter(Boolean).join("; ");
    for (const one of form.querySelectorAll("[data-section]")) {
      const share = body.sections[one.dataset.section];
      one.textContent = share === null || share === undefined ? "" : number(share);
    }
    reveal();
    // So low that a comment has to say why: it is opened before anybody asks.
    for (const key of body.uncommented) of.get(key)?.querySelector(".rv-comment")?.setAttribute("open", "");
    shown(body.pins);
  };
  let there = [];
  const shown = (kept) => {
    there = kept;
    const all = [...kept.filter((one) => !unpins.includes(one.id)), ...pins];
    const held = new Set();
    for (const [key, crit] of of) {
      const list = crit.querySelector(".rv-pins");
      list.replaceChildren(...all.filter((one) => one.criterion === key).map(pinned));
      if (key) dress(crit);
    }
    for (const one of all) if (one.line) held.add(String(one.line));
    for (const one of document.querySelectorAll("#rv-lines li")) one.classList.toggle("rv-pinned", held.has(one.dataset.line));
  };
  const pinned = (one) => {
    const words = one.at_ms === null ? `${w.wLine} ${one.line}` : clock(one.at_ms);
    const item = node("li", "", ["data-id", one.id]);
    item.append(
      node("a", words, ["href", one.line ? `#rv-line-${one.line}` : "#rv-recording"], ["data-at", one.at_ms], ["data-line", one.line]),
      node("button", "×", ["class", "rv-unpin"], ["type", "button"], ["aria-label", `${w.wUnpin} ${words}`]),
    );
    item.lastChild.addEventListener("click", () => {
      if (one.id) unpins.push(one.id);
      else pins = pins.filter((other) => other !== one);
      shown(there);
      choose(item.closest(".rv-crit") ?? current(), false);
      changed(SOON);
    });
    return item;
  };

  // --- evidence
  const pin = (crit, at, line) => {
    if (!crit) return live(w.wNowhere);
    if (at === null && line === null) return undefined;
    const one = { criterion: crit.dataset.criterion, at_ms: at, line };
    if (![...there, ...pins].some((other) => other.criterion === one.criterion && other.at_ms === at && other.line === line)) pins.push(one);
    shown(there);
    changed(SOON);
    return live(`${w.wPinned} ${at === null ? `${w.wLine} ${line}` : clock(at)}`);
  };
  // The line that is chosen, else the second that is heard with its line.
  const pinNow = (crit) => {
    const line = chosen();
    if (line) return pinLine(crit, line);
    if (player()) {
      const at = Math.floor(player().at()) * 1000;
      const heard = lineAt(player().at() * 1000);
      return pin(crit, at, heard ? Number(heard.dataset.line) : null);
    }
    return lines ? live(w.wNoLine) : undefined;
  };
  const pinLine = (crit, line) => pin(crit, line.dataset.start === "" ? null : Number(line.dataset.start), Number(line.dataset.line));
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pin-line]");
    if (button) pinLine(current() ?? crits.find((one) => !one.hidden), button.closest("li"));
  });

  // --- what is said of a criterion
  form.addEventListener("click", (event) => {
    const crit = event.target.closest(".rv-crit");
    if (event.target.closest("[data-clear]")) clear(crit);
    if (event.target.closest("[data-pin]")) pinNow(crit);
    const accept = event.target.closest("[data-accept]");
    if (accept) {
      event.preventDefault();
      put(crit, { value: accept.dataset.accept, skipped: "na" in accept.dataset, comment: plain(fields(crit).comment.value) });
      for (const one of accept.closest(".rv-hint").querySelectorAll("a[data-line]")) pin(crit, one.dataset.at ? Number(one.dataset.at) : null, Number(one.dataset.line));
      dress(crit);
      changed(SOON);
      choose(crit);
      live(w.wAccepted);
    }
  });
  const clear = (crit) => {
    for (const one of fields(crit).radios) one.checked = false;
    dress(crit);
    changed(SOON);
    choose(crit);
  };
  const pick = (crit, radio) => {
    if (!radio) return false;
    radio.checked = true;
    dress(crit);
    changed(SOON);
    return true;
  };
  const skipIt = (crit) => {
    const { radios, na } = fields(crit);
    if (na) {
      na.checked = !na.checked;
      dress(crit);
      changed(SOON);
      return true;
    }
    return pick(crit, radios.find((one) => one.value === "na"));
  };
  form.addEventListener("input", (event) => {
    const crit = event.target.closest(".rv-crit");
    if (!crit) return;
    if (event.target.matches('.rv-answer input[type="text"], .rv-answer textarea') && event.target.value.trim()) {
      const { na } = fields(crit);
      if (na) na.checked = false;
    }
    if (crit.dataset.criterion) dress(crit);
    changed(event.target.matches('textarea, input[type="text"]') ? LATER : SOON);
  });

  // --- finishing
  const release = () => {
    const one = form.elements.release;
    return one ? { release: one.value, release_on: form.elements.release_on.value } : {};
  };
  let finishing = false;
  async function finish() {
    if (finishing) return;
    finishing = true;
    try {
      await busy;
      while (says(dirty()) && !stopped && !tries) await save();
      const wrong = [...now()].find(([key, said]) => same(said, refused.get(key)));
      if (wrong) return choose(of.get(wrong[0]));
      if (stopped || tries) return notice.hidden ? undefined : notice.scrollIntoView({ block: "center" });
      const reply = await post({ finish: true, ...release() }).catch(() => null);
      if (!reply || reply.status >= 500) return told(w.wLost, "warn");
      if (reply.type === "opaqueredirect" || [401, 403].includes(reply.status)) return told(w.wSignedOut, "warn");
      const body = await reply.json().catch(() => ({}));
      if (reply.ok && body.finished) {
        store(null);
        stopped = true;
        location.assign(body.url);
        return undefined;
      }
      if (reply.status === 409) return stale(body);
      if (reply.status === 422) {
        if (body.revision) show(body);
        for (const [key, crit] of of) lacks(crit, body.lacks?.[key] ?? "");
        complain(body.detail, []);
        const first = seen().find((one) => body.lacks?.[one.dataset.criterion]);
        if (first) choose(first);
        if (first && body.uncommented.includes(first.dataset.criterion)) fields(first).comment.focus();
        const place = document.getElementById("rv-release-wrong");
        if (place && !body.lacks) place.textContent = body.detail;
        return undefined;
      }
      return closed(body.detail ?? `${reply.status}`);
    } finally {
      finishing = false;
    }
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.value === "finish") finish();
    else save();
  });

  Object.assign(window.review, { pick, skipIt, clear, pinNow, finish });

  // --- when it begins, and when it is left
  shown(state.pins);
  for (const crit of crits) if (crit.dataset.criterion) dress(crit);
  for (const one of form.querySelectorAll("[data-section]")) {
    const share = state.sections[one.dataset.section];
    one.textContent = share === null || share === undefined ? "" : number(share);
  }
  for (const section of form.querySelectorAll(".rv-section:not(.rv-whole)")) section.hidden = !section.querySelector(".rv-crit:not([hidden])");
  const left = stored();
  if (left) {
    for (const [key, said] of Object.entries(left.answers)) {
      if (!of.get(key)) continue;
      put(of.get(key), said);
      if (left.base?.[key]) known.set(key, left.base[key]);
    }
    if (left.comment !== undefined) {
      whole.value = left.comment;
      knownComment = left.baseComment ?? knownComment;
    }
    pins = left.pins.filter((one) => of.has(one.criterion) && !state.pins.some((kept) => kept.criterion === one.criterion && kept.at_ms === one.at_ms && kept.line === one.line));
    unpins = left.unpinned.filter((id) => state.pins.some((kept) => kept.id === id));
    shown(there);
    if (says(dirty())) {
      live(w.wKept);
      // It was thought of on what was there then: if that has changed, the server says so.
      revision = left.revision;
      changed(SOON);
    } else store(null);
  }
  begin(state.unanswered);
  const leave = () => {
    const said = dirty();
    if (stopped || !says(said)) return;
    store(said);
    save();
  };
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
  addEventListener("pagehide", leave);
  addEventListener("online", () => tries && later(0));
})();
