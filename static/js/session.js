// What a page asks for by itself is marked as such, so that it keeps no session open; and whoever is
// signed out meanwhile is told on the page, which stays as it was filled.
(() => {
  "use strict";
  // Under HTTPS it has the prefix, and one without is not ours.
  const cookie = () =>
    ["__Host-csrftoken", "csrftoken"]
      .map((name) => document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]+)`))?.[1])
      .find(Boolean);
  const words = document.getElementById("session-over");
  const told = () => document.querySelector("[data-session-over]");

  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, headers, parameters, triggeringEvent } = event.detail;
    const asks = elt.getAttribute("hx-trigger") ?? "";
    if (/\bevery\b/.test(asks) && !triggeringEvent) headers["Ccm-Background"] = "yes";
    if (parameters.has?.("csrfmiddlewaretoken") && cookie()) parameters.set("csrfmiddlewaretoken", cookie());
  });

  // Somebody who signed in again in another tab has another token than the form was drawn with.
  document.addEventListener(
    "submit",
    (event) => {
      const field = event.target.elements?.csrfmiddlewaretoken;
      if (field && cookie()) field.value = cookie();
    },
    true,
  );

  // Drafts of this tab are not for whoever signs in next; what is kept of the browser's looks is.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) sessionStorage.clear();
  });

  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 401 || !words || told()) return;
    const notice = words.content.firstElementChild.cloneNode(true);
    const link = notice.querySelector("a");
    link.href += `?next=${encodeURIComponent(location.pathname + location.search)}`;
    document.getElementById("main")?.prepend(notice);
  });
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status < 400) told()?.remove();
  });
})();
