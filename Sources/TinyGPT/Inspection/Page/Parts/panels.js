// The same weights in other forms: as lines between two columns of characters, and as a table.

/** The most characters that lines are drawn for: what stands before the caret. */
const linesShown = 40;

function drawLines() {
  if (!reading || state.panel !== "lines") return;
  const canvas = canvasOf("lines"), ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  const at = shown(), last = state.direction === "to" ? at : Math.min(shownCount() - 1, Math.max(at, linesShown - 1));
  const first = Math.max(0, state.direction === "to" ? last - linesShown + 1 : Math.min(at, last - linesShown + 1));
  const step = Math.min(44, height / (last - first + 1)), context = canvas.getContext("2d"), style = getComputedStyle(document.body);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  context.textBaseline = "middle";
  const middle = (/** @type {number} */ i) => (i - first + 0.5) * step, [from, to] = [width * 0.2, width * 0.8];
  for (let i = first; i <= last; i++) {
    const query = state.direction === "to" ? at : i, key = state.direction === "to" ? i : at;
    const level = levelOf(weight(query, key), state.scale === "row" ? Math.max(...viewRow(query)) : 0);
    if (key > query || level < 0.02) continue;
    context.strokeStyle = css(colorOf(Math.max(0.15, level)));
    context.lineWidth = 0.5 + 4 * level;
    context.beginPath();
    context.moveTo(from, middle(query));
    context.bezierCurveTo(from + (to - from) / 3, middle(query), to - (to - from) / 3, middle(key), to, middle(key));
    context.stroke();
  }
  for (let i = first; i <= last; i++) {
    const isHere = i === at, size = Math.min(15, step * 0.95);
    context.font = `${isHere ? "bold " : ""}${size}px ${monospace}`;
    for (const [x, align, isSide] of /** @type {[number, CanvasTextAlign, boolean][]} */ ([
      [from - 6, "right", isHere && state.direction === "to"], [to + 6, "left", isHere && state.direction === "from"]])) {
      context.textAlign = align;
      context.fillStyle = style.getPropertyValue(isSide ? "--accent" : "--ink");
      context.fillText(nameOf(i), x, middle(i));
    }
  }
  canvas.setAttribute("aria-label", `${viewName()} as lines: on the left the characters that look, on the right those they look at`);
}

function drawTable() {
  if (!reading || state.panel !== "table") return;
  const at = shown(), isTo = state.direction === "to", table = element("table"), header = element("tr");
  const caption = element("caption", `${viewName()}: ${nameOf(at)} at ${at} ${isTo ? "looks at" : "is looked at by"}`);
  header.append(...["position", "character", "weight"].map(title => element("th", title)));
  const [from, to] = isTo ? [reading.firstKey(at), at] : [at, shownCount() - 1];
  const rows = [];
  for (let i = from; i <= to; i++) {
    const value = isTo ? weight(at, i) : weight(i, at), row = tableRow(String(i), nameOf(i), value.toFixed(4));
    tint(/** @type {HTMLElement} */ (row.lastChild), levelOf(value, state.scale === "row" ? Math.max(...viewRow(isTo ? at : i)) : 0));
    rows.push(row);
  }
  table.append(caption, header, ...rows);
  byId("table").replaceChildren(table);
}

/** Shows the panel that was chosen. */
function drawPanels() {
  for (const tab of all("[data-panel]")) tab.setAttribute("aria-selected", String(tab.dataset.panel === state.panel));
  for (const panel of all(".panel")) panel.hidden = panel.id !== `panel-${state.panel}`;
  for (const node of all(".weights-only")) node.hidden = state.panel === "patch" || state.panel === "neurons";
  byId("direction").hidden = state.panel === "compare";
  byId("scales").hidden = !["map", "lines", "table"].includes(state.panel);
  drawMap();
  drawLines();
  drawTable();
  drawPatch();
  drawNeurons();
  drawComparison();
}
