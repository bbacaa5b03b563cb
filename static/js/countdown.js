// Counts what is left of the time to answer: every [data-left] has its seconds, by the server's clock.
(() => {
  "use strict";
  const began = Date.now();
  const two = (number) => String(number).padStart(2, "0");

  const tell = () => {
    for (const part of document.querySelectorAll("[data-left]")) {
      const left = Math.floor(Number(part.dataset.left) - (Date.now() - began) / 1000);
      const clock = `${Math.floor(left / 60)}:${two(Math.max(left, 0) % 60)}`;
      part.textContent = ` · ${left > 0 ? part.dataset.words.replace("{t}", clock) : part.dataset.over}`;
      part.hidden = false;
    }
  };
  tell();
  setInterval(tell, 1000);
})();
