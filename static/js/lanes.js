// Where a day's lanes are wider than the screen, they begin at what was done last, and not at the
// hours before the shift; what each lane is stays in sight.
(() => {
  "use strict";
  for (const region of document.querySelectorAll(".scroll[data-of]")) {
    const { reached, of } = region.dataset;
    const name = () => {
      const left = (region.scrollLeft / region.scrollWidth) * Number(of);
      for (const words of region.querySelectorAll("[data-lane]")) words.setAttribute("x", String(left + 4));
    };
    region.addEventListener("scroll", name, { passive: true });
    if (reached) region.scrollLeft = (Number(reached) / Number(of)) * region.scrollWidth - region.clientWidth / 2;
    name();
  }
})();
