// Runs side by side: their charts over each other, and a table that sorts by any column.

const began = performance.now();
const shownAtFirst = 8;
const byLoss = [...data.runs].sort((a, b) => (a.best?.loss ?? Infinity) - (b.best?.loss ?? Infinity));
const runs = data.runs.map((/** @type {any} */ run) => {
  const place = byLoss.indexOf(run);
  return { ...run, isShown: place < shownAtFirst && !!run.step, color: `var(--c${place % 8})`, dash: ["none", "6 3", "2 3"][Math.floor(place / 8) % 3],
    values: Object.fromEntries(run.settings.map((/** @type {any} */ setting) => [setting.name, setting.value])) };
});

/** Settings that not all runs share, each with its most frequent value. */
const differing = (() => {
  const names = [...new Set(runs.flatMap(run => Object.keys(run.values)))];
  return names.flatMap(name => {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const run of runs) if (name in run.values) counts.set(run.values[name], (counts.get(run.values[name]) ?? 0) + 1);
    const common = [...counts].sort((a, b) => b[1] - a[1])[0];
    // Steps have a column of their own.
    return counts.size > 1 && name !== "steps" ? [{ name, common: common[0] }] : [];
  });
})();

/** @param {string} kind @param {boolean} isRough */
function seriesOf(kind, isRough) {
  return runs.map(run => {
    const columns = Object.fromEntries(["steps", "seconds", "loss"].map(name => [name, column(run[kind][name])]));
    return { name: run.name, color: run.color, dash: run.dash, steps: columns.steps, seconds: columns.seconds, values: columns.loss, isRough,
      get isHidden() { return !run.isShown; } };
  });
}

/** @typedef {{ name: string, value: (run: any) => any, text: (run: any) => string }} Column */
/** @type {Column[]} */
const columns = [
  { name: "run", value: run => run.name, text: run => run.name },
  { name: "best validation loss", value: run => run.best?.loss, text: run => loss(run.best?.loss) },
  { name: "at step", value: run => run.best?.step, text: run => String(run.best?.step ?? "–") },
  { name: "last", value: run => run.last?.loss, text: run => loss(run.last?.loss) },
  { name: "steps", value: run => run.step, text: run => run.step === undefined ? "–" : `${run.step}/${run.steps ?? "?"}` },
  { name: "time", value: run => run.seconds, text: run => run.seconds === undefined ? "–" : duration(run.seconds) },
  { name: "parameters", value: run => run.parameters, text: run => run.parameters === undefined ? "–" : count(run.parameters) },
  { name: "begun", value: run => run.started, text: run => run.started ? new Date(run.started).toLocaleString([], { dateStyle: "short", timeStyle: "short" }) : "–" },
  ...differing.map(({ name }) => ({ name, value: (/** @type {any} */ run) => {
    const value = run.values[name];
    return value === undefined || value === "" || Number.isNaN(Number(value)) ? value : Number(value);
  }, text: (/** @type {any} */ run) => run.values[name] ?? "–" })),
];
let order = { column: 1, isDescending: false };

function drawTable() {
  const table = document.getElementById("runs"), { column, isDescending } = order, { value } = columns[column];
  const least = runs.reduce((best, run) => Math.min(best, run.best?.loss ?? Infinity), Infinity);
  const sorted = [...runs].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    // Runs without a value come last in either order.
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    return (isDescending ? -1 : 1) * (x < y ? -1 : x > y ? 1 : 0);
  });
  const heads = columns.map(({ name }, i) => {
    const button = element("button", { id: `sort-${i}` }, name + (i === column ? (isDescending ? " ↓" : " ↑") : ""));
    button.addEventListener("click", () => {
      order = { column: i, isDescending: i === column && !isDescending };
      drawTable();
      document.getElementById(`sort-${i}`).focus();
    });
    return element("th", { scope: "col", "aria-sort": i !== column ? "none" : isDescending ? "descending" : "ascending" }, button);
  });
  const rows = sorted.map(run => {
    const box = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", "aria-label": `show ${run.name} in the charts` }));
    box.checked = run.isShown;
    box.addEventListener("change", () => { run.isShown = box.checked; draw(); });
    const name = run.page ? element("a", { href: run.page }, run.name) : run.name;
    return element("tr", {}, element("td", {}, box, " ", element("i", { style: `--series: ${run.color}` })), element("th", { scope: "row" }, name),
      ...columns.slice(1).map((one, i) => {
        const other = differing[i - 7], isOther = other && run.values[other.name] !== undefined && run.values[other.name] !== other.common;
        return element("td", { class: isOther ? "other" : i === 0 && run.best?.loss === least ? "best" : "" }, one.text(run));
      }));
  });
  table.replaceChildren(element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "shown"), ...heads)), element("tbody", {}, ...rows));
}

Object.assign(usual, { raw: false, smooth: 0.95 });
Object.assign(view, usual);
readView();
document.getElementById("summary").textContent = `${runs.length} run${runs.length === 1 ? "" : "s"}, ${
  new Date(1000 * data.written).toLocaleString()}`;
document.getElementById("differences").textContent = !differing.length ? "All have the same settings."
  : "The last columns are the settings in which they differ; what differs from the most frequent value is in bold and red.";
const validationChart = makeChart(document.getElementById("validation"), { title: "Validation loss", note: "in nats per character; lower is better",
  height: 320, canBeLog: true, text: loss, series: seriesOf("validations", false).map(one => Object.defineProperty(one, "hasDots", { value: true })) });
const trainingChart = makeChart(document.getElementById("training"), { title: "Training loss", note: "smoothed", height: 240, canBeLog: true, text: loss,
  series: seriesOf("training", true) });
listenToControls();
drawTable();
draw();

// For tests and the browser's console.
window.comparison = { data, runs, view, change, point, columns, drawnIn: performance.now() - began };
