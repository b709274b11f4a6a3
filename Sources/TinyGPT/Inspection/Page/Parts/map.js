// The big map: a row for each character, a column for each one it may look at.

const mapCanvas = canvasOf("map");
/** The weights, a pixel a cell, and what they were painted from. */
const picture = { canvas: document.createElement("canvas"), from: /** @type {any[]} */ ([]) };
/** Where cells begin and how large one is, in CSS pixels. @typedef {{left: number, size: number}} Cells */
/** @type {Cells} */
let cells = { left: 0, size: 1 };
/** The cell under the pointer or the keyboard's. @type {[number, number] | null} */
let pointed = null;
/** Room for the upper half of the first row's letter. */
const mapTop = 4;

function drawMap() {
  byId("map-title").textContent = viewName();
  byId("meaning").textContent = mapCaption();
  // One cell alone covers its place.
  byId("meaning").hidden = !reading || reading.count < 2;
  if (!reading || state.panel !== "map") return;
  const from = [viewWeights(), state.scale, state.skip, ramp];
  if (!from.every((value, i) => value === picture.from[i])) {
    paint(picture.canvas, viewWeights(), reading.count);
    picture.from = from;
  }
  if (mapCanvas.clientWidth === 0) return;
  const at = shown(), best = argmax(state.direction === "to" ? viewRow(at) : columnOf(at));
  const marked = pointed ?? shownPair() ?? (state.direction === "to" ? [at, best] : [best, at]);
  const isOff = isViewOff(), context = layOut(mapCanvas, picture.canvas, shownCount(), isOff ? 0.3 : 1, (axis, i) => [nameOf(i), marked[axis] === i]);
  if (isOff) hatch(context);
  drawMarks(context);
  mapCanvas.setAttribute("aria-label", `${viewName()}: a row for each character, a column for each one it may look at. `
    + "Arrow keys choose a pair, Enter shows its arithmetic.");
}

/** What the map is, where it is empty: above the diagonal. */
function mapCaption() {
  if (isViewOff()) return "Switched off: what it finds here goes nowhere.";
  return viewMeaning() || (state.direction === "to" ? "Each row is a character; orange squares are the earlier ones it looks at."
    : "Each column is a character; orange squares are the later ones that look at it.");
}

/** Whether all heads of the view are off. */
function isViewOff() {
  return parts.every(({ head, layer, name }) => head < 0 || state.off.includes(name)
    || (state.view === "head" ? layer !== state.layer || head !== state.head : state.view === "average" ? layer !== state.layer : layer > state.layer));
}

/**
 * Lays a picture, a pixel a cell, into a canvas, with its first `rows` rows, and characters beside rows and below columns: each, or as
 * many as can be read, always those that are marked.
 * @param {HTMLCanvasElement} canvas @param {HTMLCanvasElement} cellsOf @param {number} rows @param {number} opacity
 * @param {(axis: 0 | 1, i: number) => [string, boolean]} label and whether it is marked @returns {CanvasRenderingContext2D}
 */
function layOut(canvas, cellsOf, rows, opacity, label) {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth, side = width - mapTop, context = canvas.getContext("2d");
  canvas.width = canvas.height = Math.round(width * ratio);
  context.scale(ratio, ratio);
  context.translate(0, mapTop);
  const left = 24, size = (side - left) / cellsOf.width, at = { left, size };
  if (canvas === mapCanvas) cells = at;
  context.imageSmoothingEnabled = size < 1;
  context.globalAlpha = opacity;
  context.drawImage(cellsOf, 0, 0, cellsOf.width, rows, left, 0, size * cellsOf.width, size * rows);
  context.globalAlpha = 1;
  for (const axis of /** @type {const} */ ([0, 1])) drawAxis(context, axis, at, side - left, rows, i => label(axis, i));
  return context;
}

/** What a letter needs of an axis to be read, in CSS pixels. */
const letterRoom = 11;

/**
 * @param {CanvasRenderingContext2D} context @param {0 | 1} axis beside rows or below columns @param {Cells} cells
 * @param {number} bottom of the cells @param {number} count @param {(i: number) => [string, boolean]} label
 */
function drawAxis(context, axis, { left, size }, bottom, count, label) {
  const style = getComputedStyle(document.body), needed = letterRoom / size;
  const step = [1, 2, 3, 4, 5].find(step => step >= needed) ?? Math.ceil(2 * needed / 10) * 10, isNumbered = step > 5;
  const marked = Array.from({ length: count }, (_, i) => i).filter(i => label(i)[1]);
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (let i = 0; i < count; i++) {
    const [name, isMarked] = label(i), middle = (i + 0.5) * size;
    // The others give way to those that are marked.
    if (!isMarked && (i % step !== 0 || marked.some(other => Math.abs(other - i) * size < (isNumbered ? 18 : 14)))) continue;
    const words = isMarked || !isNumbered ? (name.length > 2 ? "·" : name) : String(i);
    context.fillStyle = style.getPropertyValue(isMarked ? "--accent" : "--faint");
    context.font = `${isMarked ? "bold 16" : isNumbered ? 10 : Math.min(13, Math.max(letterRoom, size * 0.85))}px ${monospace}`;
    if (axis === 0) context.fillText(words, left / 2 - 2, middle, left); else context.fillText(words, left + middle, bottom + left / 2 + 1);
    if (step === 1 && !isMarked) continue;
    // Which row or column it is.
    if (axis === 0) context.fillRect(left - 4, middle - 0.5, 3, 1); else context.fillRect(left + middle - 0.5, bottom + 2, 1, 3);
  }
}

/** Lines across the triangle, as over a head that is off. @param {CanvasRenderingContext2D} context */
function hatch(context) {
  const { left, size } = cells, end = size * reading.count;
  context.save();
  context.beginPath();
  for (let q = 0; q < shownCount(); q++) context.rect(left, q * size, (q + 1) * size, size);
  context.clip();
  context.strokeStyle = getComputedStyle(document.body).getPropertyValue("--faint");
  context.globalAlpha = 0.5;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let x = 0; x < 2 * end; x += 9) { context.moveTo(left + x, 0); context.lineTo(left + x - end, end); }
  context.stroke();
  context.restore();
}

const monospace = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** Frames: the row or column of the character that is shown, and the pair. @param {CanvasRenderingContext2D} context */
function drawMarks(context) {
  const { left, size } = cells, at = shown(), style = getComputedStyle(document.body), pair = pointed ?? shownPair();
  context.strokeStyle = style.getPropertyValue("--ink");
  context.lineWidth = 1;
  const width = (state.direction === "to" ? at + 1 : 1) * size, height = (state.direction === "to" ? 1 : shownCount() - at) * size;
  context.strokeRect(left + (state.direction === "to" ? 0 : at * size) + 0.5, at * size + 0.5, width - 1, height - 1);
  if (!pair) return;
  context.strokeStyle = style.getPropertyValue("--accent");
  context.lineWidth = 2;
  context.strokeRect(left + pair[1] * size - 1, pair[0] * size - 1, size + 2, size + 2);
}

/** The legend: the colors of the scale with what they stand for. */
function drawLegend() {
  const strip = canvasOf("legend"), context = strip.getContext("2d");
  strip.width = 256;
  strip.height = 1;
  for (let i = 0; i < 256; i++) { context.fillStyle = css(ramp[i]); context.fillRect(i, 0, 1, 1); }
  byId("ticks").replaceChildren(...legendTicks().map(([name, level]) => {
    const tick = element("span", name);
    tick.style.left = `${100 * level}%`;
    return tick;
  }));
}

/** The cell under the pointer. @param {MouseEvent} event @returns {[number, number] | null} */
function cellAt(event) {
  if (!reading) return null;
  const box = mapCanvas.getBoundingClientRect();
  const key = Math.floor((event.clientX - box.left - cells.left) / cells.size);
  const query = Math.floor((event.clientY - box.top - mapTop) / cells.size);
  return query >= 0 && query < shownCount() && key >= reading.firstKey(query) && key <= query ? [query, key] : null;
}

/** Chooses a pair: the caret goes to the one of the two that is shown. @param {[number, number]} pair */
function choosePair(pair) {
  const at = state.direction === "to" ? pair[0] : pair[1];
  change({ caret: caretAfter(at), pair, hovered: null });
  placeCaret();
}

/** @param {[number, number] | null} pair */
function pointAt(pair) {
  if (String(pair) === String(pointed)) return;
  pointed = pair;
  drawMap();
  drawSentence();
}

function listenToMap() {
  mapCanvas.addEventListener("pointermove", event => pointAt(cellAt(event)));
  mapCanvas.addEventListener("pointerleave", () => pointAt(null));
  mapCanvas.addEventListener("click", event => {
    const cell = cellAt(event);
    if (cell) choosePair(cell); else if (state.pair) change({ pair: null });
  });
  mapCanvas.addEventListener("blur", () => pointAt(null));
  mapCanvas.addEventListener("keydown", event => {
    if (!reading || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = shown(), [query, key] = pointed ?? state.pair ?? [at, argmax(viewRow(at))], last = shownCount() - 1;
    /** @type {Record<string, [number, number]>} */
    const moves = {
      ArrowLeft: [query, key - 1], ArrowRight: [query, key + 1], ArrowUp: [query - 1, key], ArrowDown: [query + 1, key],
      Home: [query, 0], End: [query, query],
    };
    if (event.key === "Enter" || event.key === " ") choosePair([query, key]);
    else if (event.key === "Escape") { pointAt(null); change({ pair: null }); }
    else if (moves[event.key]) {
      const to = Math.max(0, Math.min(last, moves[event.key][0]));
      pointAt([to, Math.max(reading.firstKey(to), Math.min(to, moves[event.key][1]))]);
    } else return;
    event.preventDefault();
  });
}
