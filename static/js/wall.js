// Keeps a wallboard true. Whole frames come over one stream; only texts and lines change on the page.
//
// Before every connection a fresh token is fetched (EventSource would repeat the old address).
// The age shown is that of the data: a stream that is open but brings nothing new is stale too.
// One that brings nothing at all, not even a ping, is dead though nobody closed it: a router or a
// radio may have forgotten it. Then it is begun anew.
//
// A board that was laid out anew, or another in turn, is fetched as a page and put in the place of
// the one that is shown: nothing flashes, and where the fetch fails the wall goes on.
(() => {
  "use strict";
  const { show: showTile, shape, tell: tellIn } = window.wallTiles;
  let wall = document.querySelector(".wall");
  let say = wall.dataset;
  const part = (name) => wall.querySelector(`.${name}`);
  const staleAfter = () => Number(say.staleAfter) || 8;

  // Clocks. The server's, by its own account when the page or a token was made; a wall's may be wrong.
  let ahead = Date.parse(say.now) - Date.now() || 0;
  const serverNow = () => Date.now() + ahead;
  const timeIn = (zone, moment, seconds) =>
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone || undefined,
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
  const tell = (name, text, within = wall) => tellIn(within, name, text);

  // What is true as of an earlier moment than the wall says by how much, in minutes.
  const TILE_OLD = 60_000;
  const tickTile = (box) => {
    if (box.dataset.kind === "clock") tell("figure", timeIn(box.dataset.zone, serverNow()), box);
    // What nothing confirms any more stands still.
    const confirmed = wall.dataset.state === "stale" ? [] : box.querySelectorAll(".for[data-since]");
    for (const time of confirmed) {
      const seconds = Math.max(0, Math.floor((serverNow() - Date.parse(time.dataset.since)) / 1000));
      const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
      const two = (number) => String(number).padStart(2, "0");
      time.textContent = hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
    }
    const old = serverNow() - Date.parse(box.dataset.trueAt);
    const node = box.querySelector(".tile-age");
    if (!node) return;
    node.hidden = !(old > TILE_OLD);
    if (!node.hidden) node.textContent = say.sayTileAge.replace("{age}", String(Math.floor(old / 60_000)));
  };

  let dark = false;
  const tick = () => {
    tell("clock", timeIn(say.zone, serverNow()));
    if (dark) return;
    const known = Number.isFinite(asOf);
    const stale = !known || age() > staleAfter();
    if (stale) {
      wall.dataset.state = "stale";
      tell("stale", known ? say.sayStale.replace("{time}", timeIn(say.zone, asOf, true)) : say.sayNever);
      tell("live", "");
    } else {
      delete wall.dataset.state;
      tell("live", say.sayLive.replace("{age}", Math.max(0, age()).toFixed(1)));
    }
    part("stale").hidden = !stale;
  };
  const tickTiles = () => dark || wall.querySelectorAll("[data-tile]").forEach(tickTile);

  // A soft double tone when something turns critical, where the board asks for it and a touch or a
  // key has allowed it. It comes once for each thing, never again while that stays.
  let sound = null;
  let critical = null;
  const chime = () => {
    if (!sound || sound.state !== "running") return;
    [660, 880].forEach((pitch, place) => {
      const [tone, volume, at] = [sound.createOscillator(), sound.createGain(), sound.currentTime + place * 0.28];
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.25, at + 0.03);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
      tone.connect(volume).connect(sound.destination);
      tone.start(at);
      tone.stop(at + 0.65);
    });
  };
  const hearken = (frame) => {
    const now = new Set(frame.tiles.filter((one) => one.level === "bad").map((one) => one.id));
    if (frame.alert_level === "bad") now.add(frame.alert.slice(0, 80));
    if (critical && "chime" in say && [...now].some((one) => !critical.has(one))) chime();
    critical = now;
  };
  const soundButton = () => {
    const button = part("sound");
    if (!button) return;
    button.hidden = sound?.state === "running";
    button.onclick = async () => {
      sound ??= new AudioContext();
      await sound.resume();
      button.hidden = sound.state === "running";
      chime();
    };
  };

  const boxes = () => [...wall.querySelectorAll("[data-tile]")];
  const drawn = () =>
    boxes()
      .map((box) => [box.dataset.tile, box.dataset.kind, box.style.getPropertyValue("--w").trim(), box.style.getPropertyValue("--h").trim()].join(":"))
      .join();
  const looks = (board) => [board.columns, board.theme, board.size, board.chime ? 1 : 0].join();
  const looksNow = () => [part("grid").dataset.columns, say.theme, say.size, "chime" in say ? 1 : 0].join();
  const show = (frame) => {
    const there = boxes();
    frame.tiles.forEach((tile, index) => showTile(there[index], tile));
    hearken(frame);
    tellIn(wall, "title-of-wall", frame.board.title);
    tell("alert", frame.alert ?? "");
    part("alert").dataset.level = frame.alert_level ?? "";
    tell("trouble", frame.trouble ?? "");
    tell("ticker", frame.ticker ?? "");
    say.staleAfter = frame.stale_after;
    tickTiles();
  };

  // The link is no longer good: no figure stays on the wall.
  const goDark = (words, hint) => {
    dark = true;
    clearTimeout(turning);
    wall.dataset.state = "dark";
    for (const box of wall.querySelectorAll(".tile")) box.remove();
    for (const name of ["alert", "trouble", "ticker"]) tell(name, "");
    tell("stale", `${words}. ${hint}`);
    part("stale").hidden = false;
    setInterval(lookAgain, 60_000);
  };
  // Prolonged or allowed meanwhile, it is there again.
  const lookAgain = async () => {
    const answer = await ask(say.tokenUrl).catch(() => null);
    if (answer?.ok) location.reload();
  };

  const DEAD = 15_000; // a sign of life comes every five seconds

  // An answer that does not come, or not to its end, is none.
  const ask = (address, headers = {}) => {
    const giveUp = new AbortController();
    setTimeout(() => giveUp.abort(), DEAD);
    return fetch(address, { cache: "no-store", redirect: "manual", headers, signal: giveUp.signal });
  };

  let stream = null;
  let heard = 0; // when the stream last brought anything, or was begun, by performance.now()
  let tries = 0;
  let waiting = 0;
  let era = 0; // of the page that is shown: answers for an earlier one come too late
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
    const mine = era;
    let answer;
    try {
      answer = await ask(say.tokenUrl, { Accept: "application/json" });
    } catch {
      return mine === era && again(); // no network
    }
    if (mine !== era) return;
    if (answer.type === "opaqueredirect" || answer.status === 401) return goDark(say.saySignedOut, say.saySignedOutHint);
    if ([403, 404, 410].includes(answer.status)) {
      const told = await answer.json().catch(() => ({})); // why the link is not good
      return mine === era && goDark(told.said ?? say.sayRevoked, told.hint ?? say.sayRevokedHint);
    }
    if (!answer.ok) return again();
    const date = Date.parse(answer.headers.get("Date"));
    if (date) ahead = date + 500 - Date.now();
    const told = await answer.json().catch(() => null); // cut off in the middle
    if (mine !== era) return;
    if (!told) return again();
    stream?.close();
    stream = new EventSource(told.url);
    const alive = () => (heard = performance.now());
    alive();
    stream.addEventListener("frame", (event) => {
      const frame = JSON.parse(event.data);
      tries = 0;
      alive();
      if (shape(frame.tiles) !== drawn() || looks(frame.board) !== looksNow()) return anew();
      asOf = Date.parse(frame.as_of);
      arrived();
      show(frame);
      tick();
    });
    stream.addEventListener("ping", () => {
      tries = 0;
      alive();
    });
    stream.addEventListener("away", alive);
    stream.onerror = again;
  };
  setInterval(() => stream && performance.now() - heard > DEAD && again(), 1000);
  // Awake again, or on line again: look at once, and not when the long pause is over. A stream that
  // was open before may be none any more.
  const atOnce = () => {
    if (dark || (stream && wall.dataset.state !== "stale")) return;
    tries = 0;
    connect();
  };
  addEventListener("online", atOnce);

  // Puts the board of an address in the place of the one that is shown; whether it could.
  const put = async (address) => {
    let page;
    try {
      const answer = await ask(address);
      if (!answer.ok) return false;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return false;
    }
    const next = page.querySelector(".wall");
    if (!next || dark) return false;
    era += 1;
    stream?.close();
    stream = null;
    clearTimeout(waiting);
    waiting = 0;
    // Who shows boards in turn keeps its own list of them, and its buttons.
    if (turns.length) {
      next.querySelectorAll(".turn, .next").forEach((one) => one.remove());
      next.querySelector(".live").after(...wall.querySelectorAll(".turn"));
    }
    wall.replaceWith(document.adoptNode(next));
    wall = next;
    say = wall.dataset;
    document.title = page.title;
    dress();
    asOf = Date.parse(say.asOf);
    critical = null;
    ahead = Date.parse(say.now) - Date.now() || ahead;
    arrived();
    tick();
    tickTiles();
    connect();
    return true;
  };
  let here = location.href;
  let drawing = 0;
  const anew = async () => {
    // Not more than once in five seconds; until then the wall shows its age.
    if (drawing > performance.now()) return;
    drawing = performance.now() + 5000;
    await put(here);
  };

  // In turn with others. The first comes round again after the last; one that cannot be had is
  // passed over.
  const turns = [...wall.querySelectorAll(".next")].map((one) => ({ address: one.href, seconds: Number(one.dataset.seconds) }));
  if (turns.length) turns.unshift({ address: location.href, seconds: Number(say.seconds) || 30 });
  let turn = 0;
  let turning = 0;
  let paused = false;
  const later = () => {
    clearTimeout(turning);
    if (turns.length && !paused && !dark) turning = setTimeout(onward, turns[turn].seconds * 1000);
  };
  const onward = async () => {
    for (let tried = 0; tried < turns.length; tried += 1) {
      turn = (turn + 1) % turns.length;
      if (turns[turn].address === here) break;
      if (await put(turns[turn].address)) {
        here = turns[turn].address;
        break;
      }
    }
    later();
  };
  const pause = () => {
    paused = !paused;
    const button = part("turn");
    button.setAttribute("aria-pressed", String(paused));
    button.textContent = paused ? say.sayGoOn : say.sayPause;
    later();
  };
  document.addEventListener("click", (event) => event.target.closest?.(".turn") && pause());
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !turns.length || event.target.closest?.("button, a")) return;
    event.preventDefault();
    pause();
  });

  const dress = () => {
    const root = document.documentElement;
    root.dataset.theme = say.theme;
    root.dataset.size = say.size;
    soundButton();
  };

  // Against burn-in the picture moves a few pixels each minute, round a small square.
  const STEPS = [[0, 0], [4, 0], [4, 4], [0, 4], [-4, 4], [-4, 0], [-4, -4], [0, -4], [4, -4]];
  let step = 0;
  setInterval(() => {
    step = (step + 1) % STEPS.length;
    const [right, down] = STEPS[step];
    document.body.style.transform = `translate(${right}px, ${down}px)`;
  }, 60_000);

  // A screen that sleeps shows nothing. Not every browser or page may hold it awake.
  const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    stayAwake();
    atOnce();
  });
  stayAwake();

  dress();
  tick();
  tickTiles();
  setInterval(tick, 100);
  setInterval(tickTiles, 1000);
  connect();
  later();
})();
