// Says how far an upload is, and refuses before sending what the server would not take.
// Without it the form is sent all the same.
(() => {
  "use strict";
  const formOf = (event) => (event.target instanceof Element ? event.target.closest("form[data-most-bytes]") : null);

  document.addEventListener("htmx:confirm", (event) => {
    const form = formOf(event);
    if (!form) return;
    const bytes = [...form.elements.logs.files].reduce((sum, file) => sum + file.size, 0);
    const tooLarge = bytes > Number(form.dataset.mostBytes);
    form.querySelector("#logs-error").textContent = tooLarge ? form.dataset.sayTooLarge : "";
    if (tooLarge) event.preventDefault();
  });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const form = formOf(event);
    const { loaded, total, lengthComputable } = event.detail;
    if (!form || !lengthComputable || !total) return;
    const bar = form.querySelector("progress");
    const words = form.querySelector("[data-say]");
    const percent = Math.floor((loaded / total) * 100);
    bar.hidden = false;
    bar.value = percent;
    const text = words.dataset.say.replace("{percent}", String(percent));
    if (words.textContent !== text) words.textContent = text;
  });
})();
