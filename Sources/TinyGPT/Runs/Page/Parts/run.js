// Puts the page of a run together, and loads it again while the run goes on.

const began = performance.now();
const training = Object.fromEntries(Object.entries(data.training).map(([name, text]) => [name, column(text)]));
const validations = Object.fromEntries(Object.entries(data.validations).map(([name, text]) => [name, column(text)]));
Object.assign(data, {
  validationSteps: validations.steps, validationSeconds: validations.seconds, validationLosses: validations.loss,
});

/** @param {string} id @param {string} text */
function write(id, text) { document.getElementById(id).textContent = text; }

function writeHeader() {
  document.title = `${data.verdict.title} – ${data.name}`;
  document.body.dataset.tone = data.verdict.tone;
  write("state", data.state);
  write("name", data.name);
  write("title", data.verdict.title);
  document.getElementById("explanation").replaceChildren(
    ...data.verdict.explanation.map((/** @type {string} */ text) => element("p", {}, text)));
  const part = data.steps ? data.step / data.steps : 1, bar = document.getElementById("progress");
  bar.setAttribute("aria-valuenow", String(Math.round(100 * part)));
  /** @type {HTMLElement} */ (bar.firstElementChild).style.width = `${100 * part}%`;
  const left = data.state === "running" && data.step > 0 ? `, about ${duration(data.seconds / data.step * (data.steps - data.step))} left` : "";
  const finished = data.step < data.steps ? "ended early by --patience: " : "finished: ";
  const end = { running: "", finished, stopped: "stopped on request and saved: ", diverged: "diverged: ", failed: "ended by an error: " };
  write("progress-text", `${end[data.state]}step ${data.step} of ${data.steps}, ${Math.floor(100 * part)} %, after ${
    duration(data.seconds)} of training${left}`);
  if (data.problem) showNews(`It ended with: ${data.problem}`);
}

function writeFigures() {
  const last = validations.loss.length - 1, speeds = training.speed.filter(speed => speed !== null).sort((a, b) => a - b);
  const best = data.best;
  /** @type {[string, string, string][]} */
  const figures = [
    ["best validation loss", loss(best?.loss), best ? `at step ${best.step}` : ""],
    ["in bits", best ? (best.loss / Math.LN2).toFixed(2) : "–", "per character"],
    ["last validation loss", loss(validations.loss[last]), last >= 0 ? `at step ${validations.steps[last]}` : ""],
    ["training loss", loss(smoothed(training.loss, 0.9).findLast(value => value !== null)), "smoothed"],
    ["model", count(data.parameters), `parameters; ${data.vocabulary} different characters`],
    ["text", count(data.trained), `characters, and ${count(data.validated)} to validate`],
    ["speed", speeds.length ? count(speeds[speeds.length >> 1]) : "–", "characters a second"],
  ];
  document.getElementById("figures").replaceChildren(...figures.map(([name, value, note]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value, element("small", {}, note)))));
}

function drawCharts() {
  const common = { steps: training.steps, seconds: training.seconds, color: "var(--train)", isRough: true };
  const levels = data.yardsticks.map((/** @type {number} */ value, /** @type {number} */ i) => ({ name: `${i + 1}-gram`, value }));
  const box = (/** @type {string} */ id) => document.getElementById(id);
  const chart = makeChart(box("loss"), {
    title: "Loss", note: "in nats per character; lower is better", height: 380, canBeLog: true, levels, text: loss, pick: pickSample,
    series: [
      { ...common, name: "training", values: training.loss, lowest: training.lowest, highest: training.highest },
      { name: "validation", color: "var(--validation)", steps: validations.steps, seconds: validations.seconds, values: validations.loss,
        hasDots: true },
    ],
  });
  makeChart(box("rate"), { title: "Learning rate", height: 150, fromZero: true, text: short,
    series: [{ ...common, isRough: false, name: "learning rate", values: training.rate }] });
  makeChart(box("norm"), { title: "Gradient norm", note: "before clipping", height: 150, canBeLog: true, fromZero: true, text: short,
    series: [{ ...common, name: "gradient norm", values: training.norm }] });
  makeChart(box("speed"), { title: "Speed", note: "characters a second", height: 150, fromZero: true, text: short,
    series: [{ ...common, name: "characters a second", values: training.speed }] });
  const key = (/** @type {string} */ color, /** @type {string} */ name) =>
    element("span", { class: "key", style: `--series: ${color}` }, element("i"), name);
  document.getElementById("legend").replaceChildren(key("var(--train)", "training text"), key("var(--validation)", "validation text, never trained on"),
    ...(levels.length ? [`An n-gram model is a table of how often each character follows the n − 1 before it, counted on ${
      data.counted < data.trained ? `the last ${count(data.counted)} characters of ` : ""}the training text; 1-gram guesses by frequency alone. `] : []),
    "Drag over a chart to enlarge a part of it; click to see what the model wrote there.");
  return chart;
}

function writeSettings() {
  const changed = data.settings.filter((/** @type {any} */ setting) => setting.usual !== undefined && setting.usual !== setting.value);
  const isKnown = data.settings.some((/** @type {any} */ setting) => setting.usual !== undefined);
  write("changed", !isKnown ? "" : changed.length ? "In bold, what differs from the preset, with the preset's value." : "All are those of the preset.");
  document.getElementById("settings").replaceChildren(element("tbody", {}, ...data.settings.map((/** @type {any} */ setting) => {
    const isChanged = changed.includes(setting);
    return element("tr", { class: isChanged ? "changed" : "" }, element("th", { scope: "row" }, setting.name), element("td", {}, setting.value,
      ...(isChanged ? [element("small", {}, ` preset: ${setting.usual}`)] : [])));
  })));
  document.getElementById("commands").replaceChildren(...data.commands.flatMap((/** @type {any} */ command) => {
    const code = element("code", {}, command.line), copy = element("button", {}, "copy");
    copy.setAttribute("aria-label", `copy the command: ${command.purpose}`);
    copy.addEventListener("click", () => {
      getSelection().selectAllChildren(code);
      copy.textContent = document.execCommand("copy") ? "copied" : "selected";
      setTimeout(() => { copy.textContent = "copy"; }, 1500);
    });
    return [element("dt", {}, command.purpose), element("dd", {}, code, copy)];
  }));
  write("about", `Begun ${new Date(data.started).toLocaleString()} with TinyGPT ${data.version}; text: ${
    data.files.join(", ") || "none"}. This page was written ${new Date(1000 * data.written).toLocaleString()}.`);
}

/** Filled when it is opened: there may be a thousand rows. */
function fillTable() {
  const smooth = smoothed(training.loss, 0.9), box = document.querySelector("#table div");
  const head = ["step", "time", "training loss, smoothed", "validation loss", ""];
  box.replaceChildren(element("table", {}, element("thead", {}, element("tr", {}, ...head.map(text => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...validations.steps.map((step, i) => element("tr", {},
      ...[String(step), duration(validations.seconds[i] ?? 0), step > 0 ? loss(smooth[nearest(training.steps, step)]) : "–",
        loss(validations.loss[i]), step === data.best?.step ? "best" : ""].map(text => element("td", {}, text)))))));
}

/** @param {string} text */
function showNews(text) {
  write("news", text);
  document.getElementById("news").hidden = false;
}

/** Seconds between two validations, from the steps alone. */
function period() { return data.step ? data.seconds / data.step * data.evaluateEvery : 10; }

function keepFresh() {
  if (data.state !== "running") return;
  document.getElementById("refresh").hidden = false;
  const wait = Math.max(3, Math.min(30, period() / 2));
  let loaded = Date.now();
  setInterval(() => {
    const age = Date.now() / 1000 - data.written;
    if (age > Math.max(180, 5 * period())) {
      showNews(`There has been no news for ${duration(age)}. If the program no longer runs, the first command below goes on from the last state saved.`);
    }
    const isIdle = getSelection().isCollapsed && !document.querySelector(":active, #maps :hover, #maps :focus") && document.getElementById("play").textContent === "play";
    if (view.live && !document.hidden && isIdle && Date.now() - loaded > 1000 * wait) {
      loaded = Date.now();
      try { sessionStorage.setItem("focus", document.activeElement.id); } catch { /* A browser may have no storage for files. */ }
      location.reload();
    }
  }, 1000);
}

readView();
writeHeader();
writeFigures();
const lossChart = drawCharts();
listenToSamples();
drawAttention();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAttention);
listenToControls();
writeSettings();
draw();
document.getElementById("table").addEventListener("toggle", fillTable);
keepFresh();
try { document.getElementById(sessionStorage.getItem("focus"))?.focus({ preventScroll: true }); } catch { /* The same. */ }

// For tests and the browser's console.
window.run = { data, training, validations, view, change, point, lossChart, drawnIn: performance.now() - began };
