// What is heard and read of a call on the page of a review: lines of the transcript and places that
// are pinned lead to their second and to each other, the line that is heard is marked, or where it
// cannot be heard the one that is chosen, and words are found. An address may name a place (?at=,
// ?line=, #rv-line-). `window.heard` is for the script of the form.
(() => {
  "use strict";
  const page = document.getElementById("rv");
  if (!page) return;
  const player = () => window.recording;
  const lines = document.getElementById("rv-lines");
  const node = (tag, text) => {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  };
  const clock = (ms) => {
    const whole = Math.floor(ms / 1000);
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), String(whole % 60).padStart(2, "0")];
    return h ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
  };
  const lineAt = (ms) => {
    let found = null;
    for (const one of document.querySelectorAll("#rv-lines li")) {
      if (one.dataset.start === "" || Number(one.dataset.start) > ms) continue;
      found = one;
    }
    return found && (found.dataset.end === "" || ms <= Number(found.dataset.end) + 2000) ? found : null;
  };
  // Within its own list: the page itself stays where it is.
  const into = (line) => {
    const top = line.offsetTop - lines.clientHeight / 3;
    if (line.offsetTop < lines.scrollTop || line.offsetTop + line.offsetHeight > lines.scrollTop + lines.clientHeight) lines.scrollTop = top;
  };
  const startOf = (line) => (line && line.dataset.start !== "" ? Number(line.dataset.start) : null);
  const marked = (line, name, on) => {
    line?.classList.toggle(name, on);
    if (on) line?.setAttribute("aria-current", "true");
    else line?.removeAttribute("aria-current");
  };
  // The line that stands for a second, where nothing is heard: none was recorded, or it has no time.
  let chosen = null;
  const pick = (line) => {
    marked(chosen, "rv-chosen", false);
    chosen = line;
    marked(chosen, "rv-chosen", true);
    if (line) into(line);
  };
  const pickNext = (way) => {
    const all = lines ? [...lines.children] : [];
    const at = chosen ? all.indexOf(chosen) + way : way > 0 ? 0 : all.length - 1;
    if (all[at]) pick(all[at]);
  };
  // To a place of the call; false: there is nothing here to go to.
  const goTo = (ms, number) => {
    const line = number ? document.getElementById(`rv-line-${number}`) : null;
    const at = ms ?? startOf(line);
    if (at === null || !player()) {
      if (line) pick(line);
      return Boolean(line);
    }
    if (line) into(line);
    player().seek(at / 1000);
    return true;
  };
  page.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line], a[data-at]");
    const line = event.target.closest("#rv-lines a, #rv-lines li > span")?.closest("li");
    if (link) {
      const went = goTo(link.dataset.at ? Number(link.dataset.at) : null, link.dataset.line);
      if (went && player()) event.preventDefault(); // else the browser goes to its line
    } else if (line && !String(getSelection())) {
      event.preventDefault();
      goTo(null, line.dataset.line);
    }
  });
  let following = null;
  const follow = (seconds) => {
    const line = lines ? lineAt(seconds * 1000) : null;
    pick(null);
    if (line === following) return;
    marked(following, "rv-heard", false);
    following = line;
    if (!line) return;
    marked(line, "rv-heard", true);
    if (!lines.matches(":hover, :focus-within")) into(line);
  };

  // --- search
  const find = document.getElementById("rv-find");
  const hits = document.getElementById("rv-hits");
  let marks = [];
  let at = -1;
  let isTaken = false; // whether one went to the hit that is shown
  const search = () => {
    leave();
    for (const mark of lines.querySelectorAll("mark")) mark.replaceWith(mark.textContent);
    for (const one of lines.querySelectorAll("li > span")) one.normalize();
    marks = [];
    at = -1;
    const wanted = find.value.trim().toLocaleLowerCase();
    if (wanted) {
      for (const one of lines.querySelectorAll("li > span")) {
        const text = one.textContent;
        const low = text.toLocaleLowerCase();
        if (low.length !== text.length || !low.includes(wanted)) continue;
        const parts = [];
        let from = 0;
        for (let place = low.indexOf(wanted); place >= 0; place = low.indexOf(wanted, from)) {
          const mark = node("mark", text.slice(place, place + wanted.length));
          parts.push(text.slice(from, place), mark);
          marks.push(mark);
          from = place + wanted.length;
        }
        one.replaceChildren(...parts, text.slice(from));
      }
    }
    isTaken = false;
    if (marks.length) hit(1);
    hits.textContent = wanted ? (marks.length ? `${at + 1} / ${marks.length}` : "0") : "";
  };
  const leave = () => {
    marks[at]?.classList.remove("rv-hit");
  };
  const hit = (way) => {
    leave();
    at = (at + way + marks.length) % marks.length;
    marks[at].classList.add("rv-hit");
    into(marks[at].closest("li"));
    hits.textContent = `${at + 1} / ${marks.length}`;
  };
  // To the hit that is shown, and from there to the next: it is heard, or chosen.
  const take = (way) => {
    if (!marks.length) return;
    if (isTaken) hit(way);
    isTaken = true;
    goTo(null, marks[at].closest("li").dataset.line);
  };
  find?.addEventListener("input", search);
  find?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    take(event.shiftKey ? -1 : 1);
  });

  player()?.tell(follow);
  const asked = new URLSearchParams(location.search);
  const place = (name) => (/^\d{1,9}$/.test(asked.get(name) ?? "") ? Number(asked.get(name)) : null);
  const named = /^#rv-line-(\d{1,9})$/.exec(location.hash)?.[1];
  if (place("at") !== null || place("line") !== null) goTo(place("at"), place("line"));
  else if (named) goTo(null, named);
  window.heard = { clock, lines, lineAt, pickNext, chosen: () => chosen, find };
})();
