// A draft's criteria dragged to another place, and rows for more answers: what is sent is what the
// forms of the page send.
(() => {
  "use strict";
  const form = document.querySelector(".qs-order");
  const sections = document.querySelector(".qs-sections");
  let moving = null;

  const clear = () => document.querySelectorAll(".qs-over").forEach((one) => one.classList.remove("qs-over"));
  const target = (event) => {
    const section = event.target.closest(".qs-section");
    if (!section) return null;
    return { section, item: event.target.closest(".qs-item"), list: section.querySelector(".qs-list") };
  };
  if (form && sections) {
    sections.addEventListener("dragstart", (event) => {
      moving = event.target.closest(".qs-item");
      if (!moving) return;
      moving.classList.add("qs-moving");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", moving.dataset.criterion);
    });
    sections.addEventListener("dragover", (event) => {
      const over = moving && target(event);
      if (!over) return;
      event.preventDefault();
      clear();
      if (over.item !== moving) (over.item || over.list).classList.add("qs-over");
    });
    sections.addEventListener("dragend", () => {
      clear();
      moving?.classList.remove("qs-moving");
      moving = null;
    });
    sections.addEventListener("drop", (event) => {
      const over = moving && target(event);
      if (!over || over.item === moving) return;
      event.preventDefault();
      form.elements.criterion.value = moving.dataset.criterion;
      form.elements.section.value = over.section.dataset.section;
      form.elements.before.value = over.item ? over.item.dataset.criterion : "";
      form.submit();
    });
  }

  // The last row is written into: another empty one stands ready.
  document.addEventListener("input", (event) => {
    const rows = event.target.closest(".qs-rows");
    const row = event.target.closest(".qs-row");
    if (!rows || row !== rows.lastElementChild || rows.children.length >= 20 || !event.target.value) return;
    const copy = row.cloneNode(true);
    copy.querySelectorAll(".error").forEach((one) => one.remove());
    copy.querySelectorAll("input").forEach((one) => {
      one.name = one.name.replace(/-(\d+)-/, (_all, number) => `-${Number(number) + 1}-`);
      if (one.hasAttribute("aria-label")) one.setAttribute("aria-label", one.getAttribute("aria-label").replace(/\d+/, (number) => Number(number) + 1));
      if (one.type === "checkbox") one.checked = false;
      else one.value = "";
    });
    rows.append(copy);
  });
})();
