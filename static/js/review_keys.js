// The keys of a review's screen: through the criteria, to an answer, to its evidence and its comment, and
// the player's. Those of a single sign can be turned off, which the browser remembers.
(() => {
  "use strict";
  if (!window.review) return;
  const { form, whole, fields, next, choose, current, pick, skipIt, clear, pinNow, finish } = window.review;
  const { lines, pickNext, find } = window.heard;
  const player = () => window.recording;
  const keys = document.getElementById("rv-keys");
  const keysOn = document.getElementById("rv-keys-on");
  try {
    keysOn.checked = localStorage.getItem("review-keys") !== "off";
  } catch {
    // storage is off: they are on
  }
  keysOn.addEventListener("change", () => {
    try {
      localStorage.setItem("review-keys", keysOn.checked ? "on" : "off");
    } catch {
      // it holds as long as the page
    }
  });
  const help = () => keys.showModal();
  document.getElementById("rv-help-open").addEventListener("click", help);
  document.getElementById("rv-keys-close").addEventListener("click", () => keys.close());
  const types = (one) => one.matches('textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"], [type="range"], [type="button"], [type="submit"])');
  const acts = (one) => one.matches("a, button, summary, input, select, textarea, [contenteditable]");
  const comment = (crit) => {
    const field = crit.dataset.criterion ? fields(crit).comment : whole;
    const details = field.closest("details");
    if (details) details.open = true;
    field.focus();
    return true;
  };
  const pressed = (event) => {
    const { key, target } = event;
    const crit = current();
    const free = !acts(target) || target.matches('[type="range"]'); // the picture of the recording
    const steps = !target.matches("input, select"); // links and buttons know no arrows
    if (key === "j" || (key === "ArrowDown" && free && !lines?.contains(target))) return choose(next(1)) ?? true;
    if (key === "k" || (key === "ArrowUp" && free && !lines?.contains(target))) return choose(next(-1)) ?? true;
    // What a key does to a criterion is seen.
    if (crit && /^([0-9nceah]|Backspace)$/.test(key)) crit.scrollIntoView({ block: "nearest" });
    if (/^[0-9]$/.test(key) && crit?.dataset.criterion) {
      const { radios, text } = fields(crit);
      if (radios.length) return pick(crit, radios.find((one) => one.dataset.digit === key));
      if (crit.querySelector('.rv-answer input[type="text"]')) {
        text.focus(); // the digit is written there
        text.select();
      }
      return false;
    }
    if (key === "n" && crit?.dataset.criterion) return skipIt(crit);
    if (key === "c" && crit) return comment(crit);
    if (key === "e") {
      pinNow(crit);
      return true;
    }
    const more = crit?.querySelector(".rv-more");
    if (key === "h" && more) {
      more.open = !more.open;
      return true;
    }
    const suggested = crit?.querySelector("[data-accept]:enabled");
    if (key === "a" && suggested) {
      suggested.click();
      return true;
    }
    if (key === "Backspace" && crit?.dataset.criterion && fields(crit).radios.length) {
      clear(crit);
      return true;
    }
    if (key === "/" && find) {
      find.focus();
      find.select();
      return true;
    }
    if (key === "?") {
      help();
      return true;
    }
    const way = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (!player() && lines && way && steps) {
      pickNext(way); // there are no seconds to go by, but lines
      return true;
    }
    if (!player()) return false;
    if (key === " " && free) player().toggle();
    else if (way && steps) way > 0 ? player().on() : player().back();
    else if (key === "+" || key === "=") player().faster(1);
    else if (key === "-" || key === "−") player().faster(-1);
    else return false;
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (keys.open || event.isComposing || event.altKey) return;
    const { target } = event;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      finish();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (types(target)) {
      // Back to where keys lead on.
      if (event.key === "Escape" && (form.contains(target) || target === find)) {
        event.preventDefault();
        if (current()) choose(current());
        else target.blur();
      }
      // In a field of one line Enter would finish or send something: it only leaves the field.
      if (event.key === "Enter" && target.matches("input") && form.contains(target)) {
        event.preventDefault();
        if (current()) choose(current());
      }
      return;
    }
    const single = event.key.length === 1 || event.key === "Backspace" || event.key.startsWith("Arrow");
    if (!single || !keysOn.checked) return;
    if (pressed(event)) event.preventDefault();
  });
})();
