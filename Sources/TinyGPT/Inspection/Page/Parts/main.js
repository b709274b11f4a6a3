// Puts the page together.

function drawControls() {
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === state.view));
  }
  for (const button of document.querySelectorAll("[data-direction]")) {
    button.setAttribute("aria-pressed", String(button.dataset.direction === state.direction));
  }
  for (const button of gridButtons) {
    const isLayer = Number(button.dataset.layer) === state.layer, isHead = Number(button.dataset.head) === state.head;
    button.setAttribute("aria-pressed", String(isLayer && (isHead || state.view !== "head")));
  }
}

function listenToControls() {
  for (const button of document.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => change({ view: button.dataset.view }));
  }
  for (const button of document.querySelectorAll("[data-direction]")) {
    button.addEventListener("click", () => change({ direction: button.dataset.direction, paired: null }));
  }
  const scale = /** @type {HTMLSelectElement} */ (document.getElementById("scale"));
  scale.addEventListener("change", () => { change({ scale: scale.value }); paintGrid(); });
  /** @type {[string, () => void][]} */
  const boxes = [["skip", paintGrid], ["signs", buildText], ["lines", buildText], ["sort", buildGrid]];
  for (const [name, rebuild] of boxes) {
    const box = /** @type {HTMLInputElement} */ (document.getElementById(name));
    box.addEventListener("change", () => { state[name] = box.checked; rebuild(); change({}); });
  }
  for (const name of ["arithmetic", "table"]) document.getElementById(name).addEventListener("toggle", drawDetails);
}

function drawAll() {
  chooseRamp();
  buildText();
  buildGrid();
  change({});
}

document.title = `Attention explorer: ${data.title}`;
document.getElementById("title").textContent = data.title;
if (data.notice) {
  document.getElementById("notice").textContent = data.notice;
  document.getElementById("notice").hidden = false;
}
document.getElementById("precision").textContent =
  "Weights are stored as 8 bits of their square root, with an error of at most 0.004; averages and rollouts are computed from these."
  + (data.vectors ? ` Queries and keys are stored in ${data.vectors.bits} bits.` : "");
document.getElementById("lines-choice").hidden = count > linesLimit || !isWhole;
/** @type {HTMLButtonElement} */ (document.querySelector("[data-view=rollout]")).disabled = !isWhole;
document.getElementById("sorting").hidden = !data.notes;
darkScheme.addEventListener("change", () => { drawAll(); if (data.history) drawCurve(); });
listenToText();
listenToMap();
listenToControls();
drawAll();
listenToHistory();

// For tests and the browser's console.
window.explorer = { data, state, change, weight, vectorOf, logSums };
