
"use strict";

// Asks for /state.json once a second and shows it. Text from outside goes in as text, never as HTML.

const INTERVAL = 1000; // ms between two questions
const WINDOW = 300; // samples that a point of the smooth curve stands for, at least
const SVG = "http://www.w3.org/2000/svg";
const $ = id => document.getElementById(id);

let state = null; // the last answer
let heard = null; // when it came
let lost = false;

// ---- Numbers for people ----

const whole = n => Math.round(n).toLocaleString("en");
const fixed = (n, digits) => n.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = n => fixed(n, 1);

function large(n) {
  for (const [size, unit] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
    if (Math.abs(n) >= size) {
      const scaled = n / (unit === "k" ? 1e3 : size);
      return `${fixed(scaled, scaled < 10 ? 2 : scaled < 100 ? 1 : 0)} ${unit}`;
    }
  }
  return whole(n);
}

// The same without zeros behind the point: for places on an axis.
const mark = n => large(n).replace(/(\.\d*?)0+(?= |$)/, "$1").replace(/\.(?= |$)/, "");

function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${fixed(seconds / 3600, 1)} h`;
}

// ---- Small things of the page ----

function element(name, content, className) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...[content ?? []].flat());
  return made;
}

// Only what changed is touched, so that a reader of the screen is not interrupted.
function write(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

function show(id, visible) {
  $(id).hidden = !visible;
}

// ---- Charts ----

function draw(svg, name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  svg.append(made);
  return made;
}

// Round numbers from `low` to `high`, about `count` of them.
function ticks(low, high, count) {
  const rough = Math.max(high - low, 1e-9) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= rough);
  const found = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-6; n++) found.push(n * step + 0);
  return found;
}

// An empty chart; returns how numbers become places.
function axes(svg, { x, y, xName, yName, xTicks, yTicks }) {
  const { width, height } = svg.getBoundingClientRect();
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const [left, right, top, bottom] = [46, 12, 20, 40];
  const place = {
    x: n => left + (n - x[0]) / (x[1] - x[0]) * (width - left - right),
    y: n => height - bottom - (n - y[0]) / (y[1] - y[0]) * (height - top - bottom),
    back: at => x[0] + (at - left) / (width - left - right) * (x[1] - x[0]),
    width, height, left, right, top, bottom,
  };
  for (const n of ticks(...y, yTicks ?? 5)) {
    const at = place.y(n);
    draw(svg, "line", { class: "grid", x1: left, x2: width - right, y1: at, y2: at });
    draw(svg, "text", { x: left - 6, y: at + 4, "text-anchor": "end" }, mark(n));
  }
  const spread = ticks(...x, xTicks ?? Math.max(4, Math.floor(width / 110)));
  for (const n of spread) {
    draw(svg, "text", { x: place.x(n), y: height - bottom + 16, "text-anchor": "middle" }, mark(n));
  }
  draw(svg, "line", { class: "axis", x1: left, x2: width - right, y1: place.y(y[0]), y2: place.y(y[0]) });
  draw(svg, "text", { x: width - right, y: height - 4, "text-anchor": "end" }, xName);
  draw(svg, "text", { x: 2, y: 11 }, yName);
  return place;
}

const path = points => points.map(([x, y], n) => `${n ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

// Means over as many points as make up WINDOW samples; each weighs as much as it has samples.
function smooth(curve, key) {
  let [first, sum, weight] = [0, 0, 0];
  const weights = curve.map((p, n) => Math.max(1, p.samples - (n ? curve[n - 1].samples : 0)));
  return curve.map((point, n) => {
    sum += point[key] * weights[n];
    weight += weights[n];
    while (first < n && weight - weights[first] >= WINDOW) {
      sum -= curve[first][key] * weights[first];
      weight -= weights[first++];
    }
    return sum / weight;
  });
}

let placed = null; // the learning curve, for the pointer

function showCurve() {
  const { curve, held_out: held } = state;
  show("curve-card", curve.length > 0);
  if (!curve.length) return;
  const mean = smooth(curve, "accuracy");
  const isRough = curve.some((p, n) => Math.abs(p.accuracy - mean[n]) > 0.05);
  show("raw-key", isRough);
  show("held-key", held.length > 0);
  const end = Math.max(curve.at(-1).samples, ...held.map(h => h[0]));
  const least = Math.min(...mean, ...held.map(h => h[1]));
  const low = Math.max(0, Math.min(90, Math.floor(least / 10) * 10 - (least % 10 < 2 ? 10 : 0)));
  const svg = $("curve");
  const place = axes(svg, { x: [0, end], y: [low, 100], xName: "samples learned from", yName: "accuracy, %" });
  const points = values => curve.map((p, n) => [place.x(p.samples), place.y(Math.max(low, values[n]))]);
  if (isRough) draw(svg, "path", { class: "raw", d: path(points(curve.map(p => p.accuracy))) });
  draw(svg, "path", { class: "line", d: path(points(mean)) });
  if (curve.length === 1) draw(svg, "circle", { r: 4, cx: place.x(end), cy: place.y(mean[0]), fill: "var(--blue)" });
  const spots = held.map(([x, y]) => [place.x(x), place.y(y)]);
  draw(svg, "path", { class: "held", d: path(spots) });
  const room = (place.width - place.left) / Math.max(1, spots.length); // for each of them
  const few = room >= 5 ? spots : spots.slice(-1);
  for (const [cx, cy] of few) draw(svg, "circle", { class: "spot", r: room < 9 ? 3 : 4.5, cx, cy });
  const last = held.length ? `, ${percent(held.at(-1)[1])} % on held-out samples` : "";
  svg.setAttribute("aria-label", `Learning curve from ${percent(mean[0])} % to ${percent(mean.at(-1))} % after ${whole(end)} samples${last}`);
  placed = { svg, place, curve, mean };
  showUpdates([0, end]);
}

function showUpdates(x) {
  const rates = smooth(state.curve, "update_rate");
  const most = Math.max(1, ...rates);
  const top = ticks(0, most * 1.05, 3).at(-1) < most ? most * 1.1 : most * 1.05;
  const svg = $("updates");
  const place = axes(svg, { x, y: [0, top], xName: "samples learned from", yName: "examples that changed a weight, %", yTicks: 3 });
  draw(svg, "path", { class: "line", d: path(state.curve.map((p, n) => [place.x(p.samples), place.y(rates[n])])) });
  svg.setAttribute("aria-label", `Update rate from ${percent(rates[0])} % to ${percent(rates.at(-1))} % of the examples`);
}

function point(event) {
  placed?.svg.querySelector(".cursor")?.remove();
  write("curve-at", "");
  if (!placed || event.type === "pointerleave") return;
  const { svg, place, curve, mean } = placed;
  const at = place.back(event.clientX - svg.getBoundingClientRect().left);
  const nearest = curve.reduce((best, p, n) => Math.abs(p.samples - at) < Math.abs(curve[best].samples - at) ? n : best, 0);
  const x = place.x(curve[nearest].samples);
  draw(svg, "line", { class: "cursor", x1: x, x2: x, y1: place.top, y2: place.height - place.bottom });
  write("curve-at", `${percent(mean[nearest])} % after ${whole(curve[nearest].samples)} samples`);
}

// Outline of bins as steps, closed at the bottom.
function steps(bins, width, place) {
  const points = [[place.x(0), place.y(0)]];
  bins.forEach((share, n) => points.push([place.x(n * width), place.y(share)], [place.x((n + 1) * width), place.y(share)]));
  points.push([place.x(bins.length * width), place.y(0)]);
  return path(points) + "Z";
}

function showGoodness() {
  const progress = state.progress;
  show("goodness-card", progress !== null);
  if (!progress) return;
  const { width, truth, other } = progress.goodness;
  const used = Math.max(1, truth.findLastIndex(n => n > 0) + 1, other.findLastIndex(n => n > 0) + 1);
  const share = bins => bins.slice(0, used).map(n => 100 * n / Math.max(1, progress.examples));
  const [right, wrong] = [share(truth), share(other)];
  const svg = $("goodness");
  const top = 1.08 * Math.max(...right, ...wrong);
  const place = axes(svg, { x: [0, used * width], y: [0, top], xName: "goodness of the class", yName: "share of the examples, %", xTicks: 4 });
  draw(svg, "path", { class: "fill-orange", d: steps(wrong, width, place) });
  draw(svg, "path", { class: "fill-blue", d: steps(right, width, place) });
  const gap = `${progress.gap < 0 ? "−" : "+"}${fixed(Math.abs(progress.gap), 1)}`;
  svg.setAttribute("aria-label", `How goodness is distributed; the truth is ${gap} above the best other class on average`);
  write("goodness-note", `On average the truth is ${gap} above the best other class. Of the last ${whole(progress.examples)} examples; the further apart, the surer the network.`);
}

// ---- What was learned ----

// From blue (-100) over the middle to orange (+100), in the colours of the page.
function palette() {
  const style = getComputedStyle(document.documentElement);
  const [blue, middle, orange] = ["--blue", "--middle", "--orange"].map(name => {
    const hex = style.getPropertyValue(name).trim();
    return [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16));
  });
  return value => {
    const end = value < 0 ? blue : orange;
    return middle.map((from, n) => from + (end[n] - from) * Math.min(1, Math.abs(value) / 100));
  };
}

function paint(canvas, side, values, colour) {
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  values.forEach((value, n) => image.data.set([...colour(value), 255], 4 * n));
  context.putImageData(image, 0, 0);
}

function showImages({ side, images, classes }) {
  const colour = palette();
  const figures = $("images").children;
  if (figures.length !== images.length) {
    $("images").replaceChildren(...images.map((_, n) => {
      const canvas = element("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `weights of the columns of class ${n}`);
      return element("figure", [canvas, element("figcaption", `class ${n}`)]);
    }));
  }
  images.forEach((values, n) => paint(figures[n].firstChild, side, values, colour));
  const missing = classes - images.length;
  return missing > 0 ? `; ${missing} more classes are not shown` : "";
}

function showStrongest({ strongest }) {
  const head = element("thead", element("tr", [element("th", "class"), element("th", "counts most, in % of the largest weight")]));
  const rows = strongest.map(({ class: name, inputs }) => {
    const chips = inputs.map(([input, value]) =>
      element("span", `${input} ${value > 0 ? "+" : "−"}${Math.abs(value)}`, `chip ${value > 0 ? "plus" : "minus"}`));
    const title = element("th", name);
    title.scope = "row";
    return element("tr", [title, element("td", element("div", chips, "chips"))]);
  });
  $("strongest").replaceChildren(head, element("tbody", rows));
}

let shownAt = null; // samples of the picture that is on the page, and its colours

function showLearned(isForced) {
  const learned = state.learned;
  show("learned-card", learned !== null);
  if (!learned) return;
  const key = `${learned.samples} ${state.source} ${state.network}`;
  if (key === shownAt && !isForced) return;
  shownAt = key;
  const isImage = learned.images.length > 0;
  show("images", isImage);
  $("strongest").parentElement.hidden = isImage;
  let rest = "";
  if (isImage) rest = showImages(learned);
  else showStrongest(learned);
  write("wants", isImage ? "its columns want ink here" : "its columns want it");
  write("learned-at", `mean ternary weight compared with all classes, strongest ${fixed(learned.largest, 3)}; after ${whole(learned.samples)} samples${rest}`);
}

// ---- Numbers, link and counters ----

function tile(name, value, unit, note) {
  const number = element("dd", [value, element("small", unit ? ` ${unit}` : "")]);
  return element("div", [element("dt", name), number, element("dd", note, "note")]);
}

function runTiles({ progress: p, held_out: held }) {
  const tiles = [tile("Accuracy", percent(p.accuracy), "%", `while learning, last ${whole(p.examples)} examples`)];
  if (held.length) tiles.push(tile("Held out", percent(held.at(-1)[1]), "%", `after ${whole(held.at(-1)[0])} samples`));
  tiles.push(
    tile("Update rate", percent(p.update_rate), "%", "of the examples changed a weight"),
    tile("Speed", large(p.samples_per_second), "samples/s", `${duration(p.seconds)} of training`));
  if (p.cycles_per_second !== null) {
    const each = p.samples_per_second > 0 ? `${large(p.cycles_per_second / p.samples_per_second)} per sample` : "";
    const total = p.cycles === null ? "" : `, ${large(p.cycles)} in all`;
    tiles.push(tile("Clock cycles", large(p.cycles_per_second), "/s", each + total));
  }
  return tiles;
}

function moduleTiles({ module: m }) {
  return [
    tile("Examples", large(m.samples), "", "since the counters were cleared"),
    tile("Update rate", percent(m.update_rate), "%", "of the examples changed a weight"),
    tile("Speed", large(m.samples_per_second), "samples/s", "between two readings"),
  ];
}

function showTiles() {
  const tiles = state.progress ? runTiles(state) : state.module ? moduleTiles(state) : [];
  $("tiles").replaceChildren(...tiles);
}

function table(rows) {
  return rows.map(([name, note, value, isBad]) => {
    const title = element("th", note ? [name, element("small", note)] : name);
    title.scope = "row";
    return element("tr", [title, element("td", value, "number")], isBad ? "some" : "");
  });
}

const trouble = link => ["damaged", "unanswered", "resends", "resets", "slowed", "failed"].reduce((sum, key) => sum + link[key], 0);

// A module that has just been switched on does not answer its very first frame.
const isFirstFrame = link => trouble(link) === 1 && link.damaged === 1;

const isTroubled = link => trouble(link) > 0 && !isFirstFrame(link);

function verdict(link) {
  if (!trouble(link)) return "All frames arrived unharmed";
  if (isFirstFrame(link)) return "All frames but the first arrived unharmed";
  if (!link.damaged) return "The link was disturbed";
  return `${fixed(100 * link.damaged / Math.max(1, link.frames), 2)} % of the frames arrived damaged`;
}

function speed({ sck_hz: sck, baud }) {
  const exact = n => n.toLocaleString("en", { maximumFractionDigits: 3 });
  if (sck) return ["SCK", "clock of SPI", `${exact(sck / 1e6)} MHz`];
  if (baud) return ["Baud rate", "of the UART", exact(baud)];
  return ["Wire", "", "none: frames are handed over in software"];
}

function linkRows(link) {
  const count = (name, note, key) => [name, note, whole(link[key]), link[key] > 0 && isTroubled(link)];
  return [
    speed(link.speed ?? {}),
    ["Frames", "exchanged since connecting", whole(link.frames)],
    ["Data", "in each direction", `${large(link.bytes)}${link.bytes >= 1e4 ? "" : " "}B`],
    count("Damaged", "frames whose checksum was wrong", "damaged"),
    count("Unanswered", "no answer, or a negative one", "unanswered"),
    count("Retries", "times records were sent again", "resends"),
    count("Resets", "sent to recover", "resets"),
    count("Slowed", "times the clock was lowered", "slowed"),
    count("Failed", "errors of the host's interface", "failed"),
  ];
}

function showLink() {
  const { progress, module } = state;
  const link = module?.link ?? progress?.link ?? null;
  show("link-card", progress !== null || module !== null);
  show("link", link !== null);
  show("no-link", link === null);
  $("link-verdict").className = link && isTroubled(link) ? "some" : "";
  write("link-verdict", link ? verdict(link) : "No link: it learns in software");
  if (!link) return;
  const rows = linkRows(link);
  if (module) {
    rows.push(
      ["Headers", "reached the module damaged", whole(module.damaged_headers), module.damaged_headers > 0],
      ["Payloads", "reached the module damaged", whole(module.damaged_payloads), module.damaged_payloads > 0]);
  }
  $("link").replaceChildren(element("tbody", table(rows)));
}

function showLayers() {
  const m = state.module;
  show("layers-card", m !== null);
  if (!m) return;
  const last = Math.max(0, ...[m.updates, m.flips, m.dead].map(row => row.findLastIndex(n => n > 0)));
  const head = ["layer", "updates", "changed weights", "silent passes"].map((name, n) => element("th", name, n ? "number" : ""));
  const rows = m.updates.slice(0, last + 1).map((updates, layer) => {
    const title = element("th", `${layer}`);
    title.scope = "row";
    return element("tr", [title, ...[updates, m.flips[layer], m.dead[layer]].map(n => element("td", whole(n), "number"))]);
  });
  $("layers").replaceChildren(element("thead", element("tr", head)), element("tbody", rows));
}

// ---- How things are ----

function news() {
  const { phase, progress: p, silent_seconds: silent, error, source } = state;
  const done = p ? `${whole(p.samples)} of ${whole(p.of)} samples, epoch ${p.epoch}` : "";
  switch (phase) {
    case "waiting": return ["Waiting", `for the first results in ${source}`];
    case "training": {
      if (p.samples >= p.of) return ["Testing", `${done}; now with held-out samples`];
      const left = (p.of - p.samples) / p.samples_per_second;
      return ["Training", done + (Number.isFinite(left) ? `, about ${duration(left)} left` : "")];
    }
    case "silent": return [`No news for ${duration(silent)}`, `${done || "no results yet"}. Is it still running? A run that was killed cannot say so; testing on a slow module takes a while.`];
    case "finished": return ["Finished", p ? `${whole(p.samples)} samples in ${duration(p.seconds)}` : ""];
    case "failed": return ["Failed", `${error}${done ? `; ${done}` : ""}`];
    case "idle": return ["Idle", "nobody uses the module"];
    case "busy": return ["Busy", "another program uses the module; follow its log: deku train --log run.jsonl"];
    default: return [phase, ""];
  }
}

function showStatus() {
  let [name, detail] = state ? news() : ["Connecting", "asking for the first data"];
  if (lost) {
    const since = heard ? `; what you see is of ${heard.toLocaleTimeString()}` : "";
    [name, detail] = ["Connection lost", `deku monitor has ended or cannot be reached${since}. Trying again.`];
  }
  document.body.dataset.phase = lost ? "lost" : state?.phase ?? "waiting";
  write("phase", name);
  write("detail", detail);
  const p = state?.progress;
  document.title = `${p ? `${percent(p.accuracy)} % · ` : ""}${name} · Deku monitor`;
  show("done", Boolean(p?.of));
  if (p?.of) $("done").value = p.samples / p.of;
}

function showEmpty() {
  const isEmpty = !state.progress && !state.module && !state.learned;
  show("empty", isEmpty);
  const reasons = {
    waiting: "A run tells about itself once a second, as soon as the first results are in. Simulated modules take a while to build.",
    silent: "Nothing was written for a while. Is deku train still running?",
    failed: "The run ended before its first results.",
    finished: "The run ended without results.",
    busy: "The counters are read when the other program has ended.",
  };
  write("hint", reasons[state.phase] ?? "");
}

function showAll(isForced) {
  showStatus();
  if (!state) return;
  write("about", [state.source, state.network && `network ${state.network}`].filter(Boolean).join(" · "));
  showEmpty();
  showTiles();
  showCurve();
  showGoodness();
  showLearned(isForced);
  showLayers();
  showLink();
}

async function ask() {
  try {
    const answer = await fetch("state.json", { signal: AbortSignal.timeout(5 * INTERVAL) });
    if (!answer.ok) throw new Error(answer.statusText);
    state = await answer.json();
    [heard, lost] = [new Date(), false];
  } catch {
    lost = true;
  }
  showAll(false);
}

async function watch() {
  if (!document.hidden || !state) await ask();
  setTimeout(watch, INTERVAL);
}

$("curve").addEventListener("pointermove", point);
$("curve").addEventListener("pointerleave", point);
document.addEventListener("visibilitychange", () => document.hidden || ask());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => showAll(true));
addEventListener("resize", () => showAll(false));
watch();
