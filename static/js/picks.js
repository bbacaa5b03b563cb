// Finds among the options of a long list (data-find says in which words). What is chosen stays in
// sight; what is looked for is no part of the form.
for (const list of document.querySelectorAll("select[data-find]")) {
  if (list.options.length < 10) continue;
  const field = document.createElement("input");
  field.type = "search";
  field.className = "form-control find";
  field.placeholder = list.dataset.find;
  field.setAttribute("aria-label", list.dataset.find);
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const option of list.options) {
      option.hidden = !option.selected && !option.text.toLowerCase().includes(wanted);
    }
  });
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  list.before(field);
}
