// Plays a recording beside its review: a picture of how loud it is, speed, and silence left out. The
// picture is made here, of the file that is heard; where it cannot be, the rest works without. What
// else is on the page asks `window.recording`, which is null where there is none. The browser remembers
// the speed from one review to the next.
(() => {
  "use strict";
  window.recording = null;
  const root = document.getElementById("rv-player");
  const audio = root?.querySelector("audio");
  if (!audio) return;

  const RATE = 8000; // enough to see how loud it is
  const STEP = 0.02; // seconds of a window that is looked at
  const QUIET = 0.035; // of the loudest
  const SILENCE = 1.5; // seconds from which on quiet is silence
  const LEAD = 0.15; // of it that is heard still
  const FIVE = 5; // seconds that an arrow goes
  const MOST_BYTES = 96 * 1024 * 1024;
  const canvas = root.querySelector("canvas");
  const range = root.querySelector("input[type=range]");
  const play = root.querySelector("[data-play] span");
  const time = root.querySelector("output");
  const speed = root.querySelector("[data-speed]");
  const skip = root.querySelector("[data-skip]");
  const says = root.querySelector(".rv-wave-says");
  const heard = [];
  let loud = null; // how loud each window is, 0 to 1
  let silences = []; // [from, to] in seconds

  const words = (seconds) => {
    if (!Number.isFinite(seconds)) return "–";
    const whole = Math.floor(seconds);
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
    const two = (n) => String(n).padStart(2, "0");
    return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  };
  const length = () => (Number.isFinite(audio.duration) ? audio.duration : 0);
  const seek = (seconds) => {
    audio.currentTime = Math.max(0, length() ? Math.min(seconds, length()) : seconds);
    told();
  };
  const step = (seconds) => seek(audio.currentTime + seconds);
  const toggle = () => (audio.paused ? audio.play().catch(fault) : audio.pause());
  const fault = () => {
    says.textContent = root.dataset.wFault;
  };

  const told = () => {
    time.textContent = `${words(audio.currentTime)} / ${words(audio.duration)}`;
    range.value = audio.currentTime;
    range.setAttribute("aria-valuetext", time.textContent);
    draw();
    for (const tell of heard) tell(audio.currentTime);
  };
  const jump = () => {
    if (!skip.checked || audio.paused) return;
    const at = audio.currentTime;
    const one = silences.find(([from, to]) => at > from + LEAD && at < to - LEAD);
    if (one) audio.currentTime = one[1] - LEAD;
  };

  // --- the picture
  const tone = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  function draw() {
    const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
    if (!wide) return;
    const fine = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(wide * fine)) canvas.width = Math.round(wide * fine);
    if (canvas.height !== Math.round(high * fine)) canvas.height = Math.round(high * fine);
    const pen = canvas.getContext("2d");
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    pen.clearRect(0, 0, wide, high);
    const bars = Math.floor(wide / 4);
    const done = length() ? (audio.currentTime / length()) * bars : 0;
    const [on, off] = [tone("--accent"), tone("--edge")];
    for (let bar = 0; bar < bars; bar++) {
      let peak = 0;
      if (loud) {
        const [from, to] = [Math.floor((bar / bars) * loud.length), Math.ceil(((bar + 1) / bars) * loud.length)];
        for (let at = from; at < to; at++) peak = Math.max(peak, loud[at]);
      }
      const tall = Math.max(2.4, peak * (high - 4));
      pen.globalAlpha = bar < done ? 1 : 0.55;
      pen.fillStyle = bar < done ? on : off;
      pen.beginPath();
      pen.roundRect(bar * 4, (high - tall) / 2, 2.4, tall, 1.2);
      pen.fill();
    }
  }
  const look = async () => {
    if (!window.OfflineAudioContext) return;
    const answer = await fetch(audio.currentSrc || audio.src, { credentials: "same-origin" });
    if (!answer.ok || Number(answer.headers.get("Content-Length")) > MOST_BYTES) return;
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await answer.arrayBuffer());
    const wide = Math.max(1, Math.round(sound.sampleRate * STEP));
    const found = new Float32Array(Math.ceil(sound.length / wide));
    for (let lane = 0; lane < sound.numberOfChannels; lane++) {
      const samples = sound.getChannelData(lane);
      for (let at = 0; at < samples.length; at++) {
        const one = Math.abs(samples[at]);
        const into = Math.floor(at / wide);
        if (one > found[into]) found[into] = one;
      }
    }
    const most = found.reduce((a, b) => Math.max(a, b), 0) || 1;
    loud = found.map((one) => one / most);
    const second = wide / sound.sampleRate;
    silences = [];
    let since = null;
    for (let at = 0; at <= loud.length; at++) {
      const quiet = at < loud.length && loud[at] < QUIET;
      if (quiet && since === null) since = at;
      if (!quiet && since !== null) {
        if ((at - since) * second >= SILENCE) silences.push([since * second, at * second]);
        since = null;
      }
    }
    root.dataset.seen = String(silences.length);
    draw();
  };

  root.dataset.scripted = "";
  audio.addEventListener("loadedmetadata", () => {
    range.max = length() || 1;
    told();
    look().catch(() => {}); // it is heard as well without its picture
  });
  audio.addEventListener("durationchange", told);
  audio.addEventListener("error", fault);
  audio.addEventListener("timeupdate", () => {
    jump();
    told();
  });
  for (const kind of ["play", "pause", "ended"])
    audio.addEventListener(kind, () => {
      play.textContent = audio.paused ? root.dataset.wPlay : root.dataset.wPause;
    });
  root.querySelector("[data-play]").addEventListener("click", toggle);
  for (const one of root.querySelectorAll("[data-step]"))
    one.addEventListener("click", () => step(Number(one.dataset.step)));
  range.addEventListener("input", () => seek(Number(range.value)));
  // Who clicked on the picture stands on it: its keys are those of the page, not those of a slider.
  range.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === " ") toggle();
    else if (event.key === "ArrowLeft") step(-FIVE);
    else if (event.key === "ArrowRight") step(FIVE);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const atSpeed = () => {
    // What is loaded anew begins at the default.
    audio.defaultPlaybackRate = audio.playbackRate = Number(speed.value);
  };
  try {
    const kept = localStorage.getItem("review-speed");
    if ([...speed.options].some((one) => one.value === kept)) speed.value = kept;
  } catch {
    // storage is off: it begins as it is drawn
  }
  atSpeed();
  speed.addEventListener("change", () => {
    atSpeed();
    try {
      localStorage.setItem("review-speed", speed.value);
    } catch {
      // it holds as long as the page
    }
  });
  skip.addEventListener("change", () => {
    says.textContent = skip.checked ? root.dataset.wJumps : "";
  });
  new ResizeObserver(draw).observe(canvas);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  if (audio.readyState >= 1) audio.dispatchEvent(new Event("loadedmetadata"));
  else audio.load();

  window.recording = {
    at: () => audio.currentTime,
    seek,
    toggle,
    words,
    back: () => step(-FIVE),
    on: () => step(FIVE),
    faster: (way) => {
      const place = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + way));
      speed.selectedIndex = place;
      speed.dispatchEvent(new Event("change"));
    },
    tell: (one) => heard.push(one),
  };
})();
