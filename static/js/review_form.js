// The criteria of a review's screen: what is answered, which one is chosen, and what of it is shown.
// `window.review` is for the scripts that keep what is said and that keys lead through.
(() => {
  "use strict";
  const page = document.getElementById("rv");
  const form = document.getElementById("rv-form");
  if (!page || !form) return;
  const w = page.dataset;
  const crits = [...form.querySelectorAll(".rv-crit")];
  const of = new Map(crits.map((one) => [one.dataset.criterion, one]));
  const whole = document.getElementById("rv-comment");
  const live = (text) => {
    document.getElementById("rv-live").textContent = text;
  };

  // --- what stands in the form
  const fields = (crit) => ({
    radios: [...crit.querySelectorAll(".rv-radio")],
    text: crit.querySelector('.rv-answer :is(textarea, input[type="text"])'),
    na: crit.querySelector('.rv-answer input[type="checkbox"]'),
    comment: crit.querySelector(".rv-comment textarea"),
  });
  const plain = (text) => text.replace(/\r\n/g, "\n").trim();
  const answer = (crit) => {
    const { radios, text, na, comment } = fields(crit);
    const chosen = radios.find((one) => one.checked);
    const skipped = radios.length ? chosen?.value === "na" : Boolean(na?.checked);
    const value = skipped ? "" : radios.length ? (chosen?.value.slice(2) ?? "") : plain(text.value);
    return { value, skipped, comment: plain(comment.value) };
  };
  const put = (crit, said) => {
    const { radios, text, na, comment } = fields(crit);
    for (const one of radios) one.checked = said.skipped ? one.value === "na" : said.value !== "" && one.value === `o:${said.value}`;
    if (text && plain(text.value) !== said.value) text.value = said.value;
    if (na) na.checked = said.skipped;
    if (plain(comment.value) !== said.comment) comment.value = said.comment;
    if (said.comment) crit.querySelector(".rv-comment").open = true;
    dress(crit);
  };
  // What an automatic check suggests is accepted where the answer is its own and its lines are pinned.
  const dress = (crit) => {
    const clear = crit.querySelector("[data-clear]");
    if (clear) clear.hidden = !fields(crit).radios.some((one) => one.checked);
    const said = answer(crit);
    const lines = new Set([...crit.querySelectorAll(".rv-pins a")].map((one) => one.dataset.line));
    for (const button of crit.querySelectorAll("[data-accept]")) {
      const same = said.value === button.dataset.accept && said.skipped === "na" in button.dataset;
      const pinned = [...button.closest(".rv-hint").querySelectorAll("a[data-line]")].every((one) => lines.has(one.dataset.line));
      button.disabled = same && pinned;
      button.querySelector("span").textContent = button.disabled ? w.wAccepted : w.wAccept;
    }
  };
  const named = (crit, said) => {
    if (said.skipped) return w.wNa;
    const radio = fields(crit).radios.find((one) => one.value === `o:${said.value}`);
    const label = radio && form.querySelector(`label[for="${radio.id}"]`);
    return label ? [...label.childNodes].filter((one) => one.nodeName !== "KBD").map((one) => one.textContent).join("").trim() : said.value;
  };

  // --- among the criteria
  let current = null;
  // What hangs on other answers comes and goes with them at once: who types on is not to walk past
  // a criterion that waits for the server to show it. Each hangs on criteria before it alone.
  const whens = new Map(crits.filter((one) => one.dataset.shownWhen).map((one) => [one, JSON.parse(one.dataset.shownWhen)]));
  const isAsked = (crit) => whens.get(crit).every(([key, options]) => {
    const other = of.get(key);
    return other && !other.hidden && !answer(other).skipped && options.includes(answer(other).value);
  });
  const reveal = () => {
    for (const crit of whens.keys()) {
      crit.hidden = !isAsked(crit);
      if (crit.hidden && crit === current) choose(next(1) ?? next(-1), false);
    }
    for (const section of form.querySelectorAll(".rv-section:not(.rv-whole)")) section.hidden = !section.querySelector(".rv-crit:not([hidden])");
  };
  const seen = () => crits.filter((one) => !one.hidden);
  const next = (way) => {
    const all = seen();
    if (!current || !all.includes(current)) return way > 0 ? all[0] : all[all.length - 1];
    return all[all.indexOf(current) + way] ?? null;
  };
  // What each answer means stands beside the one that is chosen alone: where it was chosen by the
  // pointer, it stays where the pointer is.
  const choose = (crit, focuses = true) => {
    if (!crit) return;
    const top = crit.getBoundingClientRect().top;
    current?.classList.remove("rv-now");
    current = crit;
    crit.classList.add("rv-now");
    if (focuses) {
      crit.focus({ preventScroll: true });
      crit.scrollIntoView({ block: "nearest" });
    } else window.scrollBy({ top: crit.getBoundingClientRect().top - top, behavior: "instant" });
  };
  // The first that is to be answered still; of one that was begun before it is gone to.
  const begin = (unanswered) => {
    const first = seen().find((one) => unanswered.includes(one.dataset.criterion) && !answer(one).value && !answer(one).skipped) ?? seen()[0];
    choose(first, false);
    const begun = seen().indexOf(first) > 0 && !location.search && !location.hash;
    if (begun && matchMedia("(min-width: 861px)").matches) first.scrollIntoView({ block: "nearest" });
  };
  // While a button of the pointer is down nothing moves: what it is upon is to be hit.
  let pressing = false;
  form.addEventListener("pointerdown", () => {
    pressing = true;
  });
  for (const kind of ["pointerup", "pointercancel"])
    addEventListener(kind, () => {
      pressing = false;
    });
  form.addEventListener("focusin", (event) => {
    const crit = event.target.closest(".rv-crit");
    if (crit && crit !== current && !pressing) choose(crit, false);
  });
  form.addEventListener("click", (event) => {
    const crit = event.target.closest(".rv-crit");
    if (crit && crit !== current) choose(crit, false);
  });

  window.review = { page, form, w, crits, of, whole, live, fields, plain, answer, put, dress, named, seen, next, choose, reveal, begin, current: () => current };
})();
