// The big map of the view and the small ones of all heads: a picture each, never an element for a cell.

const mapCanvas = /** @type {HTMLCanvasElement} */ (document.getElementById("map"));
/** @type {HTMLButtonElement[]} */
let gridButtons = [];

/** Draws weights as a triangle. @param {HTMLCanvasElement} canvas @param {(query: number, key: number) => number} read */
function paint(canvas, read) {
  canvas.width = canvas.height = count;
  const context = canvas.getContext("2d"), image = context.createImageData(count, count), pixels = image.data;
  for (let query = 0; query < state.written; query++) {
    let most = 0;
    if (state.scale === "row") for (let key = data.starts[query]; key <= query; key++) most = Math.max(most, read(query, key));
    for (let key = data.starts[query]; key <= query; key++) {
      const color = ramp[Math.round(levelOf(read(query, key), most) * 255)], at = (query * count + key) * 4;
      pixels[at] = color[0]; pixels[at + 1] = color[1]; pixels[at + 2] = color[2]; pixels[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

function drawMap() {
  paint(mapCanvas, weight);
  if (state.pinned !== null) {
    const context = mapCanvas.getContext("2d");
    context.fillStyle = getComputedStyle(document.body).getPropertyValue("--accent");
    context.globalAlpha = 0.35;
    if (state.direction === "to") context.fillRect(state.pinned + 1, state.pinned, count, 1);
    else context.fillRect(state.pinned, 0, 1, state.pinned);
  }
  mapCanvas.setAttribute("aria-label", `Weights of ${viewName()}; the table below has the numbers of one row.`);
  mapCanvas.setAttribute("role", "img");
  const legend = /** @type {HTMLCanvasElement} */ (document.getElementById("legend"));
  legend.width = 256;
  legend.height = 1;
  const strip = legend.getContext("2d");
  for (let i = 0; i < 256; i++) { strip.fillStyle = `rgb(${ramp[i].join(" ")})`; strip.fillRect(i, 0, 1, 1); }
  document.getElementById("most").textContent = state.scale === "row" ? "largest of the row" : "1";
  document.querySelector(".ends span").textContent = state.scale === "log" ? "0.0001 and less" : "0";
}

/** The row and column under the pointer. @param {PointerEvent | MouseEvent} event @returns {[number, number] | null} */
function cellAt(event) {
  const box = mapCanvas.getBoundingClientRect();
  const key = Math.floor((event.clientX - box.left) / box.width * count);
  const query = Math.floor((event.clientY - box.top) / box.height * count);
  return key >= 0 && query < state.written && key >= data.starts[query] && key <= query ? [query, key] : null;
}

/** What a pair of characters is, in words. @param {number} query @param {number} key */
function pairText(query, key) {
  return `${nameOf(query)} at ${query} looks at ${nameOf(key)} at ${key}: ${weight(query, key).toFixed(4)}`;
}

function listenToMap() {
  mapCanvas.addEventListener("pointermove", event => {
    const cell = cellAt(event);
    document.getElementById("cell").textContent = cell ? pairText(...cell) : "\u00a0";
    // A pinned character stays, and the pointer chooses whom to pair it with.
    const side = (state.direction === "to") === (state.pinned === null) ? 0 : 1;
    const hovered = cell ? cell[side] : null;
    if (hovered !== state.hovered) change({ hovered });
  });
  mapCanvas.addEventListener("pointerleave", () => change({ hovered: null }));
  mapCanvas.addEventListener("click", event => {
    const cell = cellAt(event);
    if (!cell) return;
    change(state.direction === "to" ? { pinned: cell[0], paired: cell[1] } : { pinned: cell[1], paired: cell[0] });
    /** @type {HTMLDetailsElement} */ (document.getElementById("arithmetic")).open = true;
    drawDetails();
  });
}

function buildGrid() {
  const grid = document.getElementById("grid");
  grid.style.setProperty("--heads", String(data.heads));
  const all = Array.from({ length: data.layers * data.heads }, (_, i) => i);
  const noteOf = (/** @type {number} */ i) => (data.notes || []).find((/** @type {any} */ note) =>
    note.layer === Math.floor(i / data.heads) && note.head === i % data.heads);
  if (state.sort) all.sort((a, b) => (noteOf(b)?.importance ?? 0) - (noteOf(a)?.importance ?? 0));
  gridButtons = all.map(i => {
    const layer = Math.floor(i / data.heads), head = i % data.heads, button = document.createElement("button");
    const canvas = document.createElement("canvas"), label = document.createElement("span"), note = noteOf(i);
    label.textContent = `layer ${layer} head ${head}`;
    button.append(canvas, label);
    if (note) {
      const small = document.createElement("small");
      small.textContent = `${note.name ? note.name + "; " : ""}importance ${note.importance.toFixed(4)} ± ${note.error.toFixed(4)}`;
      button.append(small);
    }
    button.dataset.layer = String(layer);
    button.dataset.head = String(head);
    button.addEventListener("click", () => change({ view: "head", layer, head }));
    return button;
  });
  grid.replaceChildren(...gridButtons);
  paintGrid();
}

function paintGrid() {
  for (const button of gridButtons) {
    const values = headWeights(state.moment, Number(button.dataset.layer), Number(button.dataset.head));
    paint(button.querySelector("canvas"), (query, key) => weightIn(values, query, key));
  }
}
