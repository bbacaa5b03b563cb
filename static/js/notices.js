// Closes a message when its reader is done with it.
document.addEventListener("click", (event) => {
  const button = event.target.closest(".notice [data-close]");
  if (button) button.closest(".notice").remove();
});
