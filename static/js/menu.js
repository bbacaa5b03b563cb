// The sidebar as a drawer on small screens. Without this script it stands above the page.
(() => {
  "use strict";
  const app = document.querySelector(".app");
  const button = document.querySelector("[aria-controls=side]");
  if (!app || !button) return;
  const side = document.getElementById("side");
  const page = document.querySelectorAll("#main, .bar, .skip");

  // A long sidebar begins where the page stands in it.
  const current = side.querySelector("a[aria-current]");
  const shown = () => {
    if (!current) return;
    const [box, at] = [side.getBoundingClientRect(), current.getBoundingClientRect()];
    if (at.top < box.top || at.bottom > box.bottom) side.scrollTop += at.top - box.top - (box.height - at.height) / 2;
  };
  shown();

  const open = (yes) => {
    app.classList.toggle("menu-open", yes);
    button.setAttribute("aria-expanded", String(yes));
    for (const part of page) part.inert = yes; // the keyboard stays in what is open
    if (yes) [current, ...side.querySelectorAll("a")].find((link) => link?.checkVisibility())?.focus();
    else button.focus();
  };

  button.addEventListener("click", () => open(true));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && app.classList.contains("menu-open")) open(false);
  });
  document.querySelector(".veil").addEventListener("click", () => open(false));
  // Wide again: the sidebar is there anyway, and the page must not stay inert.
  matchMedia("(min-width: 861px)").addEventListener("change", () => {
    if (app.classList.contains("menu-open")) open(false);
  });
})();
