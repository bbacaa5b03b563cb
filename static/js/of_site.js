// Once a site is chosen, the fields that offer what is of it are drawn again. What was chosen in them
// meanwhile stays chosen, where it is still offered.
document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
  for (const before of target.querySelectorAll("select, input[type=checkbox]")) {
    const its = [...fragment.querySelectorAll(`[name="${before.name}"]`)];
    if (before.type === "checkbox") {
      const box = its.find((one) => one.value === before.value);
      if (box) box.checked = before.checked;
    } else if (its[0] && [...its[0].options].some((one) => one.value === before.value)) {
      its[0].value = before.value;
    }
  }
});
