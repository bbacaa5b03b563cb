// The calculator answers anew with each change, and with Enter, and leaves the form as it is, the
// focus in it. Before anything is asked a change is no question yet: other fields are still empty.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const by = requestConfig.triggeringEvent;
  if (elt.id === "calculator" && by?.type === "change" && !location.search) event.preventDefault();
});
