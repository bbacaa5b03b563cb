// Where a day's lanes are wider than the screen, they begin at what was done last, and not at the
// hours before the shift.
(() => {
  "use strict";
  for (const region of document.querySelectorAll(".scroll[data-reached]")) {
    const { reached, of } = region.dataset;
    region.scrollLeft = (Number(reached) / Number(of)) * region.scrollWidth - region.clientWidth / 2;
  }
})();
