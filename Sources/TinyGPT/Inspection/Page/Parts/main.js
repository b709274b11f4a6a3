// Puts the page together.

/** What the parts were last measured on, and how. @type {any[]} */
let measuredFrom = [];

/** Draws what depends on the state. @param {boolean} isOnlyHover */
function draw(isOnlyHover) {
  // Else the box would be drawn without what has just been typed.
  followBox();
  drawText();
  drawSentence();
  if (isOnlyHover) { drawMap(); return; }
  drawExercise();
  drawNotice();
  drawNext();
  drawForms();
  drawAdds();
  drawHeads();
  fit();
  drawPanels();
  drawPair();
  drawControls();
  drawCurve();
  drawEcho();
  const from = [untouched, state.ablation];
  if (model && !from.every((value, i) => value === measuredFrom[i])) { measuredFrom = from; measureEffects(); }
}

/** How much room heads and map have in the window, below the text. */
function fit() {
  const top = byId("heads-section").getBoundingClientRect().top + scrollY;
  document.documentElement.style.setProperty("--room", `${Math.max(240, innerHeight - top)}px`);
}

/** Below the window of a phone, where the predictions are out of sight: what a switch changes. */
function drawEcho() {
  const best = reading?.next(shown())?.slice(0, 2) ?? [];
  const words = best.map(([token, value]) => {
    const before = reading === untouched ? null : untouched.probability(shown(), token);
    return `${visible(shape.vocabulary[token])} ${before === null ? "" : `${percent(before)} → `}${percent(value)}`;
  });
  byId("echo").textContent = words.length === 0 ? byId("sentence").textContent
    : `Next after ${nameOf(shown())}: ${words.join(", ")}.${reading === untouched ? "" : ` ${byId("loss").textContent}`}`;
}

function drawControls() {
  selectOf("view").value = `${state.view} ${state.layer}${state.view === "head" ? ` ${state.head}` : ""}`;
  for (const button of all("[data-direction]")) button.setAttribute("aria-pressed", String(button.dataset.direction === state.direction));
  selectOf("view").title = viewMeaning();
  selectOf("scale").value = state.scale;
  selectOf("ablation").value = state.ablation;
  inputOf("skip").checked = state.skip;
  for (const id of ["write", "write-one"]) /** @type {HTMLButtonElement} */ (byId(id)).disabled = state.text !== "" && !reading;
  byId("page").classList.toggle("nothing", !reading);
}

function buildViews() {
  const isWhole = !!model || data.starts.every((/** @type {number} */ start) => start === 0);
  const groups = Array.from({ length: shape.layers }, (_, layer) => {
    const group = element("optgroup");
    group.label = `Layer ${layer}`;
    const option = (/** @type {string} */ value, /** @type {string} */ name) => {
      const node = element("option", name);
      node.value = value;
      group.append(node);
      return node;
    };
    for (let head = 0; head < shape.heads; head++) option(`head ${layer} ${head}`, `head ${layer}.${head}`);
    option(`average ${layer}`, `layer ${layer}, average of heads`);
    // Of what was seen in several windows there is none.
    option(`rollout ${layer}`, `rollout through layer ${layer}`).disabled = !isWhole;
    return group;
  });
  selectOf("view").replaceChildren(...groups);
}

function listenToControls() {
  selectOf("view").addEventListener("change", () => {
    const [view, layer, head] = selectOf("view").value.split(" ");
    change({ view: /** @type {"head"} */ (view), layer: Number(layer), head: Number(head ?? state.head) });
  });
  for (const button of all("[data-direction]")) {
    button.addEventListener("click", () => change({ direction: /** @type {"to"} */ (button.dataset.direction) }));
  }
  selectOf("scale").addEventListener("change", () => {
    change({ scale: /** @type {"root"} */ (selectOf("scale").value) });
    drawLegend();
  });
  selectOf("ablation").addEventListener("change", () => change({ ablation: /** @type {"zero"} */ (selectOf("ablation").value) }));
  inputOf("skip").addEventListener("change", () => change({ skip: inputOf("skip").checked }));
  byId("all-on").addEventListener("click", () => change({ off: [] }));
  for (const tab of all("[data-panel]")) {
    tab.addEventListener("click", () => change({ panel: /** @type {"map"} */ (tab.dataset.panel) }));
  }
}

function drawAgain() {
  chooseRamps();
  drawLegend();
  draw(false);
}

/** Which model this is. */
function drawFacts() {
  const facts = data.facts, number = new Intl.NumberFormat("en");
  document.title = `${facts.run}: the model inside`;
  byId("title").textContent = facts.run;
  const details = [
    `step ${number.format(facts.step)} (${facts.checkpoint})`,
    ...(facts.loss == null ? [] : [`validation loss ${facts.loss.toFixed(3)} nats`]),
    `${plural(facts.layers, "layer")} of ${plural(facts.heads, "head")}`, `context ${facts.context}`,
    `${number.format(facts.parameters)} weights`, ...(facts.precision === "f16" || data.model?.precision === "f16" ? ["in 16 bits"] : []),
    ...(facts.date ? [facts.date.slice(0, 10)] : []), `tinygpt ${facts.version}`,
  ];
  byId("details").replaceChildren(...details.flatMap((words, i) => [i > 0 ? " · " : "", element("span", words)]));
}

/** Where the text surprised the model most. @returns {number} the caret after that character */
function surprisingPlace() {
  let [best, most] = [reading.count - 1, 0];
  // Neither where everything surprises nor at the end, where nothing follows.
  for (let q = 4; q < reading.count - 1; q++) {
    const bits = reading.surprise(q) ?? 0;
    if (bits > most) [best, most] = [q, bits];
  }
  return caretAfter(best);
}

/** Reads the text for the first time. */
function begin() {
  encode();
  state.caret = text.characters.length;
  read();
  addressDefaults.caret = reading && model && !data.replay ? surprisingPlace() : state.caret;
  followAddress();
}

/** Shows what the address asks for; what it leaves out is as it was at first. */
function followAddress() {
  change({ ...addressDefaults, ...readAddress() });
  leaveExercise();
  placeCaret();
}

drawFacts();
for (const node of all(".live-only")) node.hidden = !model;
for (const node of all(".recorded-only")) node.hidden = !!model;
byId("missing").remove();
byId("page").hidden = false;
chooseRamps();
drawLegend();
encode();
buildViews();
buildHeads();
listenToText();
listenToMap();
listenToControls();
listenToHistory();
listenToWriting();
listenToSaving();
listenToTries();
listenToPatch();
listenToNeurons();
listenToComparison();
if (matchMedia("(pointer: fine)").matches) box.focus({ preventScroll: true });
// All but a small model takes 0.2 seconds and more for its first text; the page is there before.
if (readingCost(text.tokens.length) < 2e7) begin();
else {
  draw(false);
  byId("sentence").textContent = "The model reads the text …";
  setTimeout(begin, 50);
}
darkScheme.addEventListener("change", drawAgain);
addEventListener("resize", () => draw(false));
addEventListener("hashchange", () => {
  if (location.hash !== addressOf()) followAddress();
});

// For tests and the browser's console.
/** @type {any} */ (window).explorer = {
  data, change, weight, Model, Generator, attribution, moves, patching, none,
  get state() { followBox(); return state; }, get reading() { followBox(); return reading; }, get model() { return model; },
  get untouched() { return untouched; }, get effects() { return effects; }, get other() { return otherReading; },
  cellAt, ramp: () => ramp,
};
