// Keeps the floor: times go on between two answers, and a page that gets none says so.
(() => {
  "use strict";
  const LOST_AFTER = 15000;
  const part = () => document.getElementById("floor-now");
  let heard = performance.now();

  const two = (number) => String(number).padStart(2, "0");
  const clock = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    const rest = two(seconds % 60);
    return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
  };
  const tick = () => {
    const passed = (performance.now() - heard) / 1000;
    const lost = passed * 1000 > LOST_AFTER;
    const notice = document.getElementById("floor-lost");
    if (!part() || !notice) return;
    notice.hidden = !lost;
    part().toggleAttribute("data-lost", lost);
    // What nothing confirms any more stands still.
    if (lost || part().hasAttribute("data-stale")) return;
    for (const time of part().querySelectorAll("[data-clock]"))
      time.textContent = clock(Math.floor(Number(time.dataset.clock) + passed));
  };

  // A sign-in page, or any other that is not the floor, is no answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "floor-now") return;
    if (event.detail.xhr.status === 200 && event.detail.xhr.responseText.includes('id="floor-now"')) return;
    event.detail.shouldSwap = false;
  });
  let left = 0; // how far a wide table was moved to the side
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target.id === "floor-now") left = part()?.querySelector(".scroll")?.scrollLeft ?? 0;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!["floor-now", "main"].includes(event.detail.target.id)) return;
    heard = performance.now();
    const table = part()?.querySelector(".scroll");
    if (table && event.detail.target.id === "floor-now") table.scrollLeft = left;
    tick();
  });
  setInterval(tick, 1000);
})();
