// Keeps the address of a filtered page short: what is not chosen is not in it.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = event.detail;
  if (!elt.matches?.(".filters")) return;
  for (const name of [...Object.keys(parameters)]) if (parameters[name] === "") delete parameters[name];
  if (parameters.period !== "custom") {
    delete parameters.from;
    delete parameters.to;
  }
});
// A span of dates that is not whole yet is no question: wait for its other end.
document.addEventListener("htmx:confirm", (event) => {
  const form = event.detail.elt;
  if (!form.matches(".filters") || form.elements.period?.value !== "custom") return;
  const { from, to } = form.elements;
  if (from && to && !(from.value && to.value)) event.preventDefault();
});
