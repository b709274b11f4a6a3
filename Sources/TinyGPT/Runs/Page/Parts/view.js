// How the charts are looked at. It is kept in the page's address, so that it survives when the page loads itself again.

const view = {
  /** What runs from left to right. @type {"step" | "time"} */ axis: "step",
  logX: false, logY: false, raw: true, yardsticks: true, live: true,
  smooth: 0.9,
  /** The part of the axis that is shown; all of it where these are null. @type {number | null} */ from: null,
  /** @type {number | null} */ to: null,
  /** Which sample is shown; the newest where it is null. @type {number | null} */ sample: null,
};

/** Drawn again with every change. @type {(() => void)[]} */
const drawings = [];
/** Where all charts are pointed at, on their common axis. @type {number | null} */
let cursor = null;
/** @type {((at: number | null) => void)[]} */
const cursorListeners = [];

function readView() {
  for (const [key, text] of new URLSearchParams(location.hash.slice(1))) {
    if (!(key in view)) continue;
    const value = { true: true, false: false }[text] ?? (key === "axis" ? text : Number(text));
    if (value === value && typeof value === (view[key] === null ? "number" : typeof view[key])) view[key] = value;
  }
  if (view.axis !== "time") view.axis = "step";
}

const usual = { ...view };

/** @param {Partial<typeof view>} changes */
function change(changes) {
  Object.assign(view, changes);
  const kept = Object.entries(view).filter(([key, value]) => value !== usual[key]).map(([key, value]) => [key, String(value)]);
  history.replaceState(null, "", "#" + new URLSearchParams(kept));
  draw();
}

function draw() {
  for (const button of document.querySelectorAll("[data-axis]")) {
    button.setAttribute("aria-pressed", String(button.dataset.axis === view.axis));
  }
  for (const input of document.querySelectorAll("[data-view]")) {
    if (input.type === "checkbox") input.checked = view[input.dataset.view]; else input.value = String(view[input.dataset.view]);
  }
  document.getElementById("whole").hidden = view.from === null;
  for (const drawing of drawings) drawing();
}

/** @param {number | null} at */
function point(at) {
  cursor = at;
  for (const listener of cursorListeners) listener(at);
}

function listenToControls() {
  for (const button of document.querySelectorAll("[data-axis]")) {
    button.addEventListener("click", () => { point(null); change({ axis: button.dataset.axis, from: null, to: null }); });
  }
  for (const input of document.querySelectorAll("[data-view]")) {
    input.addEventListener("input", () =>
      change({ [input.dataset.view]: input.type === "checkbox" ? input.checked : Number(input.value) }));
  }
  document.getElementById("whole").addEventListener("click", () => change({ from: null, to: null }));
  let frame = 0;
  addEventListener("resize", () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(draw); });
}
