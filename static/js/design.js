// Tiles dragged to another place: the order is sent as the arrows of each tile send theirs.
(() => {
  "use strict";
  const list = document.querySelector(".layout");
  const form = document.querySelector(".order");
  if (!list || !form) return;
  let moving = null;

  const clear = () => list.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));
  list.addEventListener("dragstart", (event) => {
    moving = event.target.closest(".sketch");
    if (!moving) return;
    moving.classList.add("moving");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", moving.dataset.tile);
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest(".sketch");
    if (!moving || !over) return;
    event.preventDefault();
    clear();
    if (over !== moving) over.classList.add("over");
  });
  list.addEventListener("dragend", () => {
    clear();
    moving?.classList.remove("moving");
    moving = null;
  });
  list.addEventListener("drop", (event) => {
    const over = event.target.closest(".sketch");
    if (!moving || !over || over === moving) return;
    event.preventDefault();
    const all = [...list.children];
    if (all.indexOf(moving) < all.indexOf(over)) over.after(moving);
    else over.before(moving);
    for (const tile of list.children) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "order";
      field.value = tile.dataset.tile;
      form.append(field);
    }
    form.submit();
  });
})();
