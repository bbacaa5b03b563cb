// The sidebar: which of its groups are open, as the reader left them in this browser, and the finder
// of pages. Runs in the head: a group is opened or folded as soon as it is read, before it is painted.
// Without this script groups fold all the same, and there is no finder.
(() => {
  "use strict";
  const KEY = "groups";
  const FIELDS = "input, textarea, select, [contenteditable]";
  const read = () => {
    try {
      const found = JSON.parse(localStorage.getItem(KEY));
      return new Map(Object.entries(found ?? {}));
    } catch {
      return new Map(); // storage is off, or holds what is not ours
    }
  };
  const keep = (name, open) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(read().set(name, open))));
    } catch {
      // It stays as it is until the next page.
    }
  };

  // Where the page stands is open, whatever was kept.
  const settled = new WeakSet();
  const settle = (kept) => {
    for (const group of document.querySelectorAll(".side details")) {
      if (settled.has(group)) continue;
      settled.add(group);
      const open = kept.get(group.dataset.group);
      if (typeof open === "boolean" && !("here" in group.dataset)) group.open = open;
    }
  };
  const kept = read();
  const watch = new MutationObserver(() => {
    settle(kept);
    if (document.getElementById("main")) watch.disconnect(); // the sidebar stands before it
  });
  if (kept.size) watch.observe(document.documentElement, { childList: true, subtree: true });

  const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

  class Finder {
    constructor(field) {
      this.field = field;
      this.side = field.closest(".side");
      this.said = this.side.querySelector(".find [role=status]");
      this.groups = [...this.side.querySelectorAll("details")];
      this.pages = [...this.side.querySelectorAll("ul a")].map((link) => ({
        link,
        words: plain([...link.childNodes].find((part) => part.nodeType === Node.TEXT_NODE && part.data.trim())?.data ?? ""),
        called: plain(link.dataset.called ?? ""),
        under: plain(link.closest("details")?.querySelector("summary span").textContent ?? ""),
      }));
      field.addEventListener("input", () => this.find());
      this.side.addEventListener("keydown", (event) => this.press(event));
    }

    get finding() {
      return plain(this.field.value) !== "";
    }

    get found() {
      return this.pages.filter((page) => !page.link.parentElement.hidden);
    }

    // How far what is typed is from the page: by its words, by others for it, by those of its group.
    static distance(page, typed) {
      if (page.words.startsWith(typed)) return 0;
      const all = typed.split(/\s+/);
      if (all.every((word) => ` ${page.words}`.includes(` ${word}`))) return 1;
      if (all.every((word) => word.length > 2 && page.words.includes(word))) return 2;
      if (all.every((word) => ` ${page.called} ${page.words}`.includes(` ${word}`))) return 3;
      return all.every((word) => ` ${page.under} ${page.words}`.includes(` ${word}`)) ? 4 : Infinity;
    }

    find() {
      const typed = plain(this.field.value);
      if (typed && !this.before) this.before = new Map(this.groups.map((group) => [group, group.open]));
      const far = new Map(this.pages.map((page) => [page, typed ? Finder.distance(page, typed) : 0]));
      const best = Math.min(...far.values());
      for (const [page, distance] of far) page.link.parentElement.hidden = distance === Infinity;
      this.first?.removeAttribute("data-first");
      this.first = typed && best < Infinity ? this.pages.find((page) => far.get(page) === best).link : null;
      this.first?.setAttribute("data-first", "");
      for (const group of this.groups) {
        group.hidden = !group.querySelector("li:not([hidden])");
        group.open = typed ? true : (this.before?.get(group) ?? group.open);
      }
      if (!typed) this.before = null;
      this.side.scrollTop = 0; // what is found begins below the field, however far down one was
      const { found, none } = this.said.dataset;
      this.said.classList.toggle("none", best === Infinity);
      this.said.textContent = typed ? (best < Infinity ? `${found} ${this.found.length}` : none) : "";
    }

    clear() {
      this.field.value = "";
      this.find();
    }

    press(event) {
      if (!this.finding || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const links = this.found.map((page) => page.link);
      const at = links.indexOf(event.target);
      if (event.target !== this.field && at < 0) return;
      if (event.key === "Escape") {
        this.clear();
        this.field.focus();
        event.stopPropagation(); // the drawer stays
      } else if (event.key === "ArrowDown") (at < 0 ? this.first : links[at + 1])?.focus();
      else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] ?? this.field).focus();
      else if (event.key === "Enter" && at < 0) this.first?.click();
      else return;
      event.preventDefault();
    }
  }

  let finder = null;
  document.addEventListener("DOMContentLoaded", () => {
    watch.disconnect();
    settle(kept);
    const field = document.getElementById("find-page");
    if (field) finder = new Finder(field);
  });
  document.addEventListener("click", (event) => {
    const group = event.target.closest(".side summary")?.parentElement;
    if (group && !finder?.finding) keep(group.dataset.group, !group.open); // it is about to change
  });
  // A page that comes back as it was left may have been left while finding.
  addEventListener("pageshow", (event) => {
    if (event.persisted) finder?.clear();
  });
  // The last to hear of a key: pages have keys of their own.
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || !finder || event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(FIELDS) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (!finder.field.checkVisibility()) document.querySelector("[aria-controls=side]").click();
    finder.field.focus();
    finder.field.select();
  });
})();
