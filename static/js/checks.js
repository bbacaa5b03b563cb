// The form of a check shows what its kind and its place ask for, and no more.
(() => {
  "use strict";
  const form = document.getElementById("ck-form");
  if (!form) return;

  const shows = (part, word, value) => part.dataset[word].split(" ").includes(value);

  function look() {
    const kind = form.elements.kind.value;
    const place = form.elements.place.value;
    for (const part of form.querySelectorAll("[data-kinds]")) part.hidden = !shows(part, "kinds", kind);
    for (const part of form.querySelectorAll("[data-places]")) part.hidden = !shows(part, "places", place);
  }

  form.addEventListener("change", look);
  look();
})();
