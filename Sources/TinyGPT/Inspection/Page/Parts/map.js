// The big map: a row for each character, a column for each one it may look at.

const mapCanvas = canvasOf("map");
/** The weights, a pixel a cell, and what they were painted from. */
const picture = { canvas: document.createElement("canvas"), from: /** @type {any[]} */ ([]) };
/** Where the cells begin, how many lanes the letters beside them have, and the size of a cell, in CSS pixels. */
let cells = { left: 0, lanes: 1, size: 1 };
/** The cell under the pointer or the keyboard's. @type {[number, number] | null} */
let pointed = null;
/** Room for the upper half of the first row's letter. */
const mapTop = 4;
/** What a letter needs; where the cells are smaller, letters stand in up to three lanes. */
const letterSize = 8;

function drawMap() {
  byId("map-title").textContent = viewName();
  byId("meaning").textContent = viewMeaning();
  byId("meaning").hidden = state.view === "head";
  if (!reading || state.panel !== "map") return;
  const from = [viewWeights(), state.scale, state.skip, ramp];
  if (!from.every((value, i) => value === picture.from[i])) {
    paint(picture.canvas, viewWeights(), reading.count);
    picture.from = from;
  }
  const ratio = devicePixelRatio || 1, width = mapCanvas.clientWidth, side = width - mapTop, context = mapCanvas.getContext("2d");
  if (width === 0) return;
  mapCanvas.width = mapCanvas.height = Math.round(width * ratio);
  context.scale(ratio, ratio);
  context.translate(0, mapTop);
  const lanes = Math.max(1, Math.min(3, Math.ceil(letterSize * reading.count / (side - 30)))), edge = lanes === 1 ? 18 : 10 * lanes + 4;
  const size = (side - edge) / reading.count;
  cells = { left: edge, lanes, size };
  context.imageSmoothingEnabled = size < 1;
  const written = shownCount();
  context.drawImage(picture.canvas, 0, 0, reading.count, written, edge, 0, size * reading.count, size * written);
  drawAxes(context, side);
  drawMarks(context);
  mapCanvas.setAttribute("aria-label", `${viewName()}: a row for each character, a column for each one it may look at. `
    + "Arrow keys choose a pair, Enter shows its arithmetic.");
}

/** The characters beside the rows and below the columns; where even three lanes are too few, only some positions, as numbers.
 *  @param {CanvasRenderingContext2D} context @param {number} side */
function drawAxes(context, side) {
  const { left, lanes, size } = cells, style = getComputedStyle(document.body), at = shown();
  const isLegible = size * lanes >= letterSize * 0.9, height = isLegible ? Math.min(13, Math.max(letterSize, size * lanes * 0.85)) : 9;
  const bottom = side - left, highlighted = pointed ?? shownPair() ?? (state.direction === "to" ? [at, -1] : [-1, at]);
  const step = isLegible ? 1 : Math.ceil(24 / size / 10) * 10, lane = left / lanes;
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (let i = 0; i < shownCount(); i++) {
    const middle = (i + 0.5) * size;
    for (const axis of [0, 1]) {
      const isHere = highlighted[axis] === i, name = isLegible || isHere ? nameOf(i) : String(i);
      // A number gives way to the letter beside it.
      if (!isHere && (i % step !== 0 || (!isLegible && highlighted[axis] >= 0 && Math.abs(highlighted[axis] - i) * size < 14))) continue;
      const across = isLegible ? (lanes - i % lanes - 0.5) * lane : left / 2;
      context.fillStyle = style.getPropertyValue(isHere ? "--accent" : "--faint");
      context.font = isHere ? `bold ${isLegible ? height + 1 : 12}px ${monospace}` : `${height}px ${monospace}`;
      const label = isLegible && name.length > 2 ? "·" : name;
      if (axis === 0) context.fillText(label, across, middle, left); else context.fillText(label, left + middle, bottom + left - across);
    }
  }
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
