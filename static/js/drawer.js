// A link with data-drawer opens its page in a dialog beside this one: htmx asks for the fragment.
// The link has an address of its own: without this script, or with a modifier key, it is followed.
(() => {
  "use strict";
  const drawer = document.getElementById("drawer");
  if (!drawer || !window.htmx) return;
  const body = document.getElementById("drawer-body");
  const faces = document.getElementById("drawer-faces").content;
  const show = (name) => body.replaceChildren(faces.querySelector(`[data-face=${name}]`).cloneNode(true));

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show("loading");
    if (!drawer.open) drawer.showModal(); // closing gives the focus back to the link
    htmx.ajax("GET", link.href, { target: body, swap: "innerHTML" });
  });
  // A page that refuses says why in [data-why].
  const why = (text) => new DOMParser().parseFromString(text, "text/html").querySelector("[data-why]")?.textContent;
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"])
    document.addEventListener(name, (event) => {
      if (event.detail.target !== body) return;
      show("error");
      const words = why(event.detail.xhr?.responseText ?? "");
      if (words) body.querySelector("p").textContent = words;
    });

  drawer.querySelector("[data-close]").addEventListener("click", () => drawer.close());
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close()); // the backdrop
  drawer.addEventListener("close", () => body.replaceChildren());
})();
