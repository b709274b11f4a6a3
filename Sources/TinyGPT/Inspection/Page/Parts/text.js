// The text itself: every character can be hovered, clicked and walked to, and is tinted by its weight.

const textBox = document.getElementById("text");
/** @type {HTMLSpanElement[]} */
let spans = [];
const linesLimit = 64;
const linesCanvas = document.createElement("canvas");

function buildText() {
  textBox.replaceChildren();
  if (state.lines) {
    textBox.append(linesCanvas);
    spans = [];
    return;
  }
  spans = characters.map((character, i) => {
    const span = document.createElement("span");
    span.dataset.i = String(i);
    const special = visible(character) !== character;
    // A line break needs something to tint, and a long line of signs still has to break.
    span.textContent = character === "\n" ? (state.signs ? "⏎\n" : " \n")
      : state.signs && special ? visible(character) + (character === " " ? "\u200b" : "") : character;
    span.classList.toggle("sign", state.signs && special);
    span.classList.toggle("written", i >= data.written);
    return span;
  });
  textBox.append(...spans);
}

/** The weight that a character is tinted by, and the largest of its row. @param {number} i @param {number} at */
function tintOf(i, at) {
  const [query, key] = state.direction === "to" ? [at, i] : [i, at];
  if (key > query || query >= state.written) return [0, 0];
  return [weight(query, key), state.scale === "row" ? largest(query) : 0];
}

function drawText() {
  if (state.lines) return drawLines();
  const at = shown();
  const most = state.scale === "row" && state.direction === "to" ? largest(at) : 0;
  spans.forEach((span, i) => {
    const [value, ownMost] = state.direction === "to" ? [i <= at ? weight(at, i) : 0, most] : tintOf(i, at);
    const level = levelOf(value, ownMost);
    span.style.backgroundColor = level > 0.004 ? colorOf(level) : "";
    span.style.color = level > 0.004 ? inkOn(level) : "";
    span.classList.toggle("here", i === at);
    span.classList.toggle("future", i >= state.written);
  });
}

/** Two columns of the text with a line for each weight. */
function drawLines() {
  const ratio = devicePixelRatio || 1, step = 22, width = Math.min(420, textBox.clientWidth - 32), height = step * count + 8;
  linesCanvas.width = width * ratio;
  linesCanvas.height = height * ratio;
  linesCanvas.style.width = `${width}px`;
  linesCanvas.style.height = `${height}px`;
  const context = linesCanvas.getContext("2d"), style = getComputedStyle(document.body), at = shown();
  context.scale(ratio, ratio);
  context.font = "14px ui-monospace, Menlo, Consolas, monospace";
  context.textBaseline = "middle";
  const isAll = state.hovered === null && state.pinned === null;
  for (let query = 0; query < state.written; query++) {
    for (let key = 0; key <= query; key++) {
      const isChosen = isAll || (state.direction === "to" ? query : key) === at;
      // All lines together would be a blot on any scale but the linear one.
      const value = isChosen ? weight(query, key) : 0, level = isAll ? value : levelOf(value, largest(query));
      if (level < 0.02) continue;
      context.globalAlpha = level;
      context.strokeStyle = style.getPropertyValue("--accent");
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(52, query * step + step / 2 + 4);
      context.lineTo(width - 52, key * step + step / 2 + 4);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = style.color;
  for (let i = 0; i < state.written; i++) {
    context.font = `${i === at && !isAll ? "bold " : ""}14px ui-monospace, Menlo, Consolas, monospace`;
    context.textAlign = "right";
    context.fillText(nameOf(i), 44, i * step + step / 2 + 4);
    context.textAlign = "left";
    context.fillText(nameOf(i), width - 44, i * step + step / 2 + 4);
  }
}

/** The character under the pointer. @param {PointerEvent | MouseEvent} event @returns {number | null} */
function characterAt(event) {
  if (state.lines) {
    const box = linesCanvas.getBoundingClientRect(), i = Math.floor((event.clientY - box.top - 4) / 22);
    return i >= 0 && i < count ? i : null;
  }
  const target = /** @type {HTMLElement} */ (event.target);
  return target.dataset.i === undefined ? null : Number(target.dataset.i);
}

function listenToText() {
  textBox.addEventListener("pointermove", event => {
    const i = characterAt(event);
    if (i !== state.hovered && i !== null && i < state.written) change({ hovered: i });
  });
  textBox.addEventListener("pointerleave", () => change({ hovered: null }));
  textBox.addEventListener("click", event => {
    const i = characterAt(event);
    if (i === null || i >= state.written) return;
    if (i === state.pinned) return change({ pinned: null, paired: null });
    change({ pinned: i, paired: null });
  });
  textBox.addEventListener("keydown", event => {
    const at = shown(), last = state.written - 1;
    const heads = data.layers * data.heads, place = state.layer * data.heads + state.head;
    const headAfter = (/** @type {number} */ by) => {
      const next = (place + by + heads) % heads;
      return { view: /** @type {"head"} */ ("head"), layer: Math.floor(next / data.heads), head: next % data.heads };
    };
    /** @type {Record<string, () => Partial<typeof state>>} */
    const keys = {
      ArrowLeft: () => ({ pinned: Math.max(0, at - 1), paired: null, hovered: null }),
      ArrowRight: () => ({ pinned: Math.min(last, at + 1), paired: null, hovered: null }),
      Home: () => ({ pinned: 0, paired: null, hovered: null }), End: () => ({ pinned: last, paired: null, hovered: null }),
      Escape: () => ({ pinned: null, paired: null, hovered: null }),
      "[": () => headAfter(-1), "]": () => headAfter(1), PageUp: () => headAfter(-1), PageDown: () => headAfter(1),
    };
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    change(keys[event.key]());
    if (!state.lines) spans[shown()].scrollIntoView({ block: "nearest" });
  });
}
