// Light or dark, before the first paint: what the reader chose here, else what their system says. On
// paper it is light, charts too, which take their colours from the theme when they are drawn.
// Runs in the head, so that no page flashes; the switch in the sidebar is wired below.
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;

  const chosen = () => {
    try {
      return localStorage.getItem("theme") || "system";
    } catch {
      return "system"; // storage is off: follow the system
    }
  };
  const show = () => {
    const choice = chosen();
    const theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
    root.dataset.bsTheme = printing ? "light" : theme;
    for (const button of document.querySelectorAll("[data-theme]"))
      button.setAttribute("aria-pressed", String(button.dataset.theme === choice));
  };

  root.classList.add("js");
  show();
  dark.addEventListener("change", show);
  addEventListener("storage", show); // another tab chose
  document.addEventListener("DOMContentLoaded", show);
  for (const begins of [true, false])
    addEventListener(begins ? "beforeprint" : "afterprint", () => {
      printing = begins;
      show();
    });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme]");
    if (!button) return;
    try {
      localStorage.setItem("theme", button.dataset.theme);
    } catch {
      root.dataset.bsTheme = button.dataset.theme;
      return;
    }
    show();
  });
})();
