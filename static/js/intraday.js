// The day is fetched anew each minute: the tables that were open stay so, and where they were moved to.
(() => {
  "use strict";
  const PART = "intraday-now";
  let open = new Map();

  // A sign-in page, or any other that is not the day, is no answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== PART) return;
    if (event.detail.xhr.status !== 200 || !event.detail.xhr.responseText.includes(`id="${PART}"`)) {
      event.detail.shouldSwap = false;
      return;
    }
    open = new Map();
    for (const part of document.querySelectorAll(`#${PART} details[id]`))
      if (part.open) open.set(part.id, part.querySelector(".scroll")?.scrollLeft ?? 0);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, left] of open) {
      const part = document.getElementById(id);
      if (!part || part.open) continue;
      part.open = true;
      const table = part.querySelector(".scroll");
      if (table) table.scrollLeft = left;
    }
  });
})();
