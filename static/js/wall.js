// Keeps a wallboard true. Whole frames come over one stream; only text changes on the page.
//
// Before every connection a fresh token is fetched (EventSource would repeat the old address).
// The age shown is that of the data: a stream that is open but brings nothing new is stale too,
// so a ping counts only when it says as of when the figures still hold.
(() => {
  "use strict";
  const wall = document.querySelector(".wall");
  const say = wall.dataset;
  const part = (name) => wall.querySelector(`.${name}`);
  const staleAfter = () => Number(say.staleAfter) || 10;

  // Clocks. The server's, by its own account when the page or a token was made; a wall's may be wrong.
  let ahead = Date.parse(say.now) - Date.now() || 0;
  const serverNow = () => Date.now() + ahead;
  const siteTime = (moment, seconds) =>
    new Intl.DateTimeFormat("en-GB", {
      timeZone: say.zone || undefined,
      hour: "2-digit",
      minute: "2-digit",
      ...(seconds && { second: "2-digit" }),
    }).format(moment);

  let asOf = Date.parse(say.asOf); // of the figures on the wall, server time
  let received = 0; // when they came, by performance.now(); 0 = with the page
  let ageThen = (serverNow() - asOf) / 1000; // how old they were when they came, seconds
  const arrived = () => {
    received = performance.now();
    ageThen = (serverNow() - asOf) / 1000;
    // HTTP tells the server's clock to the second only: younger than that is new.
    if (ageThen < 2) ageThen = 0;
  };
  const age = () => ageThen + (performance.now() - received) / 1000;

  const tell = (name, text, within = wall) => {
    const node = within.querySelector(`.${name}`);
    if (node && node.textContent !== text) node.textContent = text;
  };

  let dark = false;
  const tick = () => {
    tell("clock", siteTime(serverNow()));
    if (dark) return;
    const known = Number.isFinite(asOf);
    const stale = !known || age() > staleAfter();
    if (stale) {
      wall.dataset.state = "stale";
      tell("stale", known ? say.sayStale.replace("{time}", siteTime(asOf, true)) : say.sayNever);
      tell("live", "");
    } else {
      delete wall.dataset.state;
      tell("live", say.sayLive.replace("{age}", Math.max(0, age()).toFixed(1)));
    }
    part("stale").hidden = !stale;
  };

  const cells = [...wall.querySelectorAll("[data-cell]")];
  const drawn = cells.map((cell) => cell.dataset.cell).join();
  const show = (frame) => {
    frame.cells.forEach((cell, index) => {
      const box = cells[index];
      box.dataset.level = cell.level;
      const digits = box.querySelector(".digits").style;
      digits.setProperty("--chars", String(cell.figure.length));
      digits.setProperty("--unit", String((cell.unit ?? "").length));
      for (const name of ["title", "figure", "unit", "word", "left", "right"]) tell(name, cell[name] ?? "", box);
    });
    tell("alert", frame.alert ?? "");
    part("alert").dataset.level = frame.alert_level ?? "";
    tell("ticker", frame.ticker ?? "");
    say.staleAfter = frame.stale_after;
  };

  // The link is no longer good: no figure stays on the wall.
  const goDark = (words, hint) => {
    dark = true;
    wall.dataset.state = "dark";
    for (const cell of cells) cell.remove();
    tell("alert", "");
    tell("ticker", "");
    tell("stale", `${words}. ${hint}`);
    part("stale").hidden = false;
  };

  let stream = null;
  let tries = 0;
  let waiting = 0;
  const again = () => {
    stream?.close();
    stream = null;
    if (dark || waiting) return;
    // 0.5 s, doubling to 30 s, and up to as much again by chance, so that a hundred walls
    // do not come back in the same instant.
    const seconds = Math.min(30, 0.5 * 2 ** tries++) * (1 + Math.random());
    waiting = setTimeout(connect, seconds * 1000);
  };
  const connect = async () => {
    clearTimeout(waiting);
    waiting = 0;
    let answer;
    try {
      answer = await fetch(say.tokenUrl, { cache: "no-store", redirect: "manual", headers: { Accept: "application/json" } });
    } catch {
      return again(); // no network
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) return goDark(say.saySignedOut, say.saySignedOutHint);
    if ([403, 404, 410].includes(answer.status)) return goDark(say.sayRevoked, say.sayRevokedHint);
    if (!answer.ok) return again();
    const date = Date.parse(answer.headers.get("Date"));
    if (date) ahead = date + 500 - Date.now();
    const { url } = await answer.json();
    stream = new EventSource(url);
    stream.addEventListener("frame", (event) => {
      const frame = JSON.parse(event.data);
      tries = 0;
      if (frame.cells.map((cell) => cell.id).join() !== drawn) {
        // Another set of cells is another board, which the server draws; not more than twice a
        // minute. Until then the wall shows its age.
        if (performance.now() > 30_000) location.reload();
        return;
      }
      asOf = Date.parse(frame.as_of);
      arrived();
      show(frame);
      tick();
    });
    stream.addEventListener("ping", (event) => {
      tries = 0;
      if (!event.data.startsWith("{")) return;
      asOf = Date.parse(JSON.parse(event.data).as_of);
      arrived();
      tick();
    });
    stream.onerror = again;
  };

  // A screen that sleeps shows nothing. Not every browser or page may hold it awake.
  const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && stayAwake());
  stayAwake();

  tick();
  setInterval(tick, 100);
  connect();
})();
