// Evidence of a review is heard in the player of its page, which stays in sight from then on.
// Without this, its link plays the recording by itself.
(() => {
  "use strict";
  const audio = document.getElementById("rv-audio");
  if (!audio) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-at-ms]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    audio.dataset.pinned = "";
    audio.currentTime = Number(link.dataset.atMs) / 1000;
    audio.play().catch(() => {}); // the player itself says what is wrong with the file
  });
})();
