// A screen that waits for its board: asks for a code by itself, and looks every two seconds what
// has become of it. A link that was ended stays dark until somebody asks for a new code.
(() => {
  "use strict";
  const page = document.querySelector(".tv");
  const form = page.querySelector("form[data-ask]");
  if (!form) return;
  if (!page.querySelector("[data-code]")) return form.submit();
  const away = page.querySelector("[data-away]");
  const look = async () => {
    try {
      const answer = await fetch(page.dataset.stateUrl, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      away.hidden = true;
      const { state } = await answer.json();
      if (state === "paired") return location.replace(page.dataset.tvUrl);
      if (state === "over") return form.submit();
    } catch {
      away.hidden = false;
    }
    setTimeout(look, 1500);
  };
  look();
})();
