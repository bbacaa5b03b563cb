// Says once that somebody touched an answer, and nothing of what they answered: pages of mails are
// opened by programs, too, and those touch nothing.
(() => {
  const form = document.querySelector("form[data-begins]");
  if (!form) return;
  const begin = (event) => {
    if (!event.isTrusted) return;
    form.removeEventListener("input", begin);
    const said = new URLSearchParams({ token: form.elements.token.value, begun: "1" });
    fetch(location.href, { method: "POST", body: said, keepalive: true, credentials: "omit" }).catch(() => {});
  };
  form.addEventListener("input", begin);
})();
