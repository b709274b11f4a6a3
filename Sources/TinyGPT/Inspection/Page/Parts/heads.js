// The heads, a layer a row: each with its picture, a switch, and how much worse the text is predicted without it.

/**
 * The part of a head or MLP on the page.
 * @typedef {{name: string, layer: number, head: number, place: HTMLElement, pick: HTMLButtonElement | null,
 *   canvas: HTMLCanvasElement | null, effect: HTMLElement, toggle: HTMLButtonElement | null}} HeadPart
 */
/** @type {HeadPart[]} */
let parts = [];
/** What the pictures were painted from. @type {any[]} */
let paintedFrom = [];
/** How much the loss of the window rises without each part, alone. @type {Map<string, number>} */
let effects = new Map();
let measuring = 0;

function buildHeads() {
  const grid = byId("grid");
  grid.style.setProperty("--heads", String(shape.heads));
  grid.style.setProperty("--layers", String(shape.layers));
  grid.classList.toggle("live", !!model);
  parts = [];
  grid.replaceChildren(...Array.from({ length: shape.layers }, (_, layer) => {
    const row = element("div", null, "layer");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", `layer ${layer}`);
    row.append(element("span", String(layer), "name"));
    for (let head = 0; head < shape.heads; head++) row.append(buildHead(layer, head));
    if (model) row.append(buildMLP(layer));
    return row;
  }));
  paintedFrom = [];
}

/** @param {number} layer @param {number} head */
function buildHead(layer, head) {
  const place = element("div", null, "head"), pick = element("button", null, "pick"), canvas = element("canvas");
  const effect = element("span", null, "effect"), name = `${layer}.${head}`;
  pick.append(canvas, element("span", name, "number"), effect);
  pick.addEventListener("click", () => change({ view: "head", layer, head }));
  const note = (data.notes ?? []).find((/** @type {any} */ n) => n.layer === layer && n.head === head);
  if (note) pick.title = `${note.name ? note.name + "; " : ""}importance ${note.importance.toFixed(4)} ± ${note.error.toFixed(4)} nats a character`;
  if (note && !model) effect.textContent = signed(note.importance, 3);
  const toggle = model ? switchOf(name, `head ${name}`) : null;
  place.append(pick, ...(toggle ? [toggle] : []));
  parts.push({ name, layer, head, place, pick, canvas, effect, toggle });
  return place;
}

/** @param {number} layer */
function buildMLP(layer) {
  const place = element("div", null, "mlp"), effect = element("span", null, "effect"), name = `m${layer}`;
  const toggle = switchOf(name, `the MLP of layer ${layer}`);
  place.title = "MLP: the part of a layer that computes on each character alone, without looking back.";
  place.append(element("span", "MLP", "number"), effect, toggle);
  parts.push({ name, layer, head: -1, place, pick: null, canvas: null, effect, toggle });
  return place;
}

/** @param {string} name @param {string} what */
function switchOf(name, what) {
  const toggle = element("button", "on", "switch");
  toggle.setAttribute("role", "switch");
  toggle.setAttribute("aria-label", what);
  toggle.addEventListener("click", () => {
    const isOff = state.off.includes(name);
    change({ off: isOff ? state.off.filter(other => other !== name) : [...state.off, name] });
  });
  return toggle;
}

/** Draws a triangle, a pixel a cell. @param {HTMLCanvasElement} canvas @param {Float32Array} weights @param {number} count */
function paint(canvas, weights, count) {
  if (canvas.width !== count) canvas.width = canvas.height = count;
  const context = canvas.getContext("2d"), image = context.createImageData(count, count);
  const pixels = new Uint32Array(image.data.buffer);
  const colors = Uint32Array.from(ramp, ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0);
  const isRoot = state.scale === "root" && !state.skip;
  for (let q = 0; q < count; q++) {
    const first = reading.firstKey(q), row = isRoot ? weights.subarray(q * (q + 1) / 2, (q + 1) * (q + 2) / 2) : viewRow(q, weights);
    let most = 0;
    if (state.scale === "row") for (let k = first; k <= q; k++) most = Math.max(most, row[k]);
    for (let k = first; k <= q; k++) {
      const level = isRoot ? Math.sqrt(row[k]) : levelOf(row[k], most);
      pixels[q * count + k] = colors[level >= 1 ? 255 : (level * 255 + 0.5) | 0];
    }
  }
  context.putImageData(image, 0, 0);
}

function drawHeads() {
  byId("grid").classList.toggle("empty", !reading);
  for (const part of parts) {
    const isOff = state.off.includes(part.name);
    part.place.classList.toggle("off", isOff);
    if (part.toggle) {
      part.toggle.setAttribute("aria-checked", String(!isOff));
      part.toggle.textContent = isOff ? "off" : "on";
    }
    const isShown = part.layer === state.layer && (part.head === state.head || state.view !== "head");
    part.pick?.setAttribute("aria-pressed", String(isShown && part.head >= 0));
    const effect = part.effect.textContent;
    part.pick?.setAttribute("aria-label", `head ${part.name}${effect ? `, without it the guesses get worse by ${effect} bits` : ""}`);
  }
  byId("all-on").hidden = state.off.length === 0;
  byId("effect-meaning").classList.toggle("away", !isMeasured());
  if (!reading) return;
  // Only rows that are written are shown.
  const hidden = `inset(0 0 ${100 * (1 - shownCount() / reading.count)}% 0)`;
  for (const part of parts) if (part.canvas) part.canvas.style.clipPath = state.written < Infinity ? hidden : "";
  const from = [reading, state.scale, state.skip, ramp];
  if (from.every((value, i) => value === paintedFrom[i])) return;
  for (const part of parts) if (part.canvas) paint(part.canvas, reading.weights(part.layer, part.head), reading.count);
  paintedFrom = from;
}

/** The most multiplications of a reading for which all parts are measured of themselves: some tenths of a second each. */
const measuringLimit = 3e8;

function isMeasured() { return !!model && !!untouched && untouched.count > 1 && readingCost(untouched.count) <= measuringLimit; }

/** By how much the loss of the window rises without a part. @param {HeadPart} part */
function effectOf({ name }) {
  const known = effects.get(name);
  if (known !== undefined) return known;
  const rise = new LiveReading(model, untouched.tokens, untouched.start, offOf([name])).loss() - untouched.loss();
  effects.set(name, rise);
  return rise;
}

/** The head of which something is largest. @param {(head: HeadPart) => number} valueOf */
function headWith(valueOf) {
  const heads = parts.filter(part => part.head >= 0), values = heads.map(valueOf);
  return heads[argmax(values)];
}

/** The head that is worth most on this text. */
function mostValuable() { return headWith(effectOf); }

/** Measures, a part at a time while nothing else happens, what each is worth on this text. */
function measureEffects() {
  clearTimeout(measuring);
  effects = new Map();
  for (const part of parts) {
    part.place.classList.remove("valuable");
    if (model) part.effect.textContent = "";
  }
  if (!isMeasured()) return;
  const queue = parts.slice();
  const step = () => {
    const started = performance.now();
    while (queue.length && performance.now() - started < 12) {
      const part = queue.shift(), rise = bitsOf(effectOf(part));
      part.effect.textContent = signed(rise, 2);
      part.effect.classList.toggle("none", Math.abs(rise) < 0.005);
      part.effect.title = `Without it, the guesses on this text are ${Math.abs(rise).toFixed(4)} bits a character ${rise < 0 ? "better" : "worse"}.`;
    }
    if (queue.length) measuring = setTimeout(step, 4); else measuredAll();
  };
  measuring = setTimeout(step, 250);
}

/** Once all are measured: marks the most valuable, if any is of use. */
function measuredAll() {
  const best = mostValuable();
  best.place.classList.toggle("valuable", effectOf(best) > 0);
}
