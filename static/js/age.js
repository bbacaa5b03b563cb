// A page left open says how old it has become: the words of every [data-age] count on.
(() => {
  "use strict";
  const steps = JSON.parse(document.getElementById("age-words").textContent);

  const tell = () => {
    for (const part of document.querySelectorAll("[data-age]")) {
      // The age that the server gave plus the time since: its clock, not this machine's.
      part.dataset.since ??= String(Date.now());
      const seconds = Number(part.dataset.age) + (Date.now() - Number(part.dataset.since)) / 1000;
      const [size, words] = steps.find(([size]) => seconds >= size) ?? steps.at(-1);
      part.textContent = words.replace("{n}", String(Math.floor(seconds / size)));
      if (part.dataset.old) part.closest(".age")?.classList.toggle("old", seconds > Number(part.dataset.old));
    }
  };
  tell();
  setInterval(tell, 1000);
})();
