// The form of a check shows what its kind and its place ask for, and no more.
const form = document.getElementById("ck-form");
const shown = (part, word, value) => part.dataset[word].split(" ").includes(value);

function look() {
  const kind = form.elements.kind.value;
  const place = form.elements.place.value;
  for (const part of form.querySelectorAll("[data-kinds]")) part.hidden = !shown(part, "kinds", kind);
  for (const part of form.querySelectorAll("[data-places]")) part.hidden = !shown(part, "places", place);
}

if (form) {
  form.addEventListener("change", look);
  look();
}
