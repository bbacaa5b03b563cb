// A mapping looks again after every change. What is said while an answer is on its way stands: that
// answer knows nothing of it and is not drawn, and the next look says both.
// Without it the form is sent all the same, by its buttons.
(() => {
  "use strict";
  let saidSince = false;
  const looks = () => document.getElementById("changes");
  const isOfMapping = (event) => event.target instanceof Element && event.target.closest("#mapping");

  for (const name of ["input", "change"])
    document.addEventListener(name, (event) => {
      if (isOfMapping(event)) saidSince = true;
    });
  document.addEventListener("htmx:beforeSend", (event) => {
    if (event.target === looks()) saidSince = false;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig.elt === looks() && saidSince) event.detail.shouldSwap = false;
  });
  // What was typed and taken back is no change, yet the answer to what was said before is owed.
  document.addEventListener("focusout", (event) => {
    if (isOfMapping(event) && saidSince) htmx.trigger(looks(), "look");
  });
  // Enter in a field looks again, in place.
  document.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "look" || !isOfMapping(event)) return;
    event.preventDefault();
    htmx.trigger(looks(), "look");
  });
})();
