// The text: a real text box, over a copy of its letters that is tinted. The caret is the query, so that arrows, Home, End,
// selections, pasting and screen readers work of themselves.

const box = /** @type {HTMLTextAreaElement} */ (byId("text"));
const overlay = byId("overlay");
/** A box makes a line break of a carriage return, so in the box another character stands for it, one that no text has. */
const carriageReturn = ["␍", ...Array.from({ length: 6400 }, (_, i) => String.fromCharCode(0xe000 + i))]
  .find(character => !shape.vocabulary.includes(character));
/** @param {string} characters */
function toBox(characters) { return characters.replaceAll("\r", carriageReturn); }
/** @param {string} characters */
function fromBox(characters) { return characters.replaceAll(carriageReturn, "\r"); }
/** A span for each character of the window. @type {HTMLSpanElement[]} */
let spans = [];
/** What the spans were built from. */
let builtFrom = "";
/** The characters that the model wrote itself: from, to. @type {[number, number]} */
let ownWork = [data.replay?.written ?? data.written ?? Infinity, Infinity];

function buildText() {
  if (fromBox(box.value) !== state.text) box.value = toBox(state.text);
  const key = `${reading ? `${reading.start} ${reading.count}` : ""} ${ownWork} ${state.text}`;
  if (key === builtFrom) return;
  builtFrom = key;
  spans = [];
  const outside = (/** @type {string[]} */ characters) => element("span", toBox(characters.join("")), "outside");
  const from = reading ? text.places[reading.start] : text.characters.length;
  const to = reading ? text.places[reading.start + reading.count - 1] + 1 : from;
  const parts = from > 0 ? [outside(text.characters.slice(0, from))] : [];
  for (let i = from, next = reading?.start ?? 0; i < to; i++) {
    const isKnown = text.places[next] === i, character = text.characters[i], span = element("span", toBox(character));
    if (isKnown) {
      next++;
      span.dataset.i = String(spans.length);
      span.classList.toggle("written", i >= ownWork[0] && i < ownWork[1]);
      spans.push(span);
    } else {
      span.className = "unknown";
    }
    // A line break takes no place, so what is tinted hangs over the end of its line.
    if (character === "\n") { span.textContent = ""; span.append(element("i", "⏎"), "\n"); }
    parts.push(span);
  }
  parts.push(outside(text.characters.slice(to)));
  // Behind a last line break a line begins, as in the box.
  overlay.replaceChildren(...parts, "\u200b");
}

/** The weight that each character of the window is tinted by, as a level. @param {number} at @returns {number[]} */
function tintLevels(at) {
  if (state.panel === "neurons" && model) return neuronLevels();
  if (state.direction === "to") {
    const row = viewRow(at), most = Math.max(...row);
    return Array.from(row, value => levelOf(value, most));
  }
  const scaled = state.scale === "row";
  return Array.from(columnOf(at), (value, q) => q < at ? 0 : levelOf(value, scaled ? Math.max(...viewRow(q)) : 0));
}

function drawText() {
  buildText();
  if (!reading) return;
  const at = shown(), levels = tintLevels(at), pair = shownPair();
  const partner = pair === null ? -1 : state.direction === "to" ? pair[1] : pair[0];
  spans.forEach((span, i) => {
    tint(/** @type {HTMLElement} */ (span.querySelector("i") ?? span), levels[i] ?? 0);
    const bits = i < shownCount() ? reading.surprise(i) ?? 0 : 0;
    span.style.setProperty("--surprise", bits < 1 ? "0px" : `${Math.min(5, 0.5 + bits * 0.6).toFixed(1)}px`);
    span.classList.toggle("here", i === at);
    span.classList.toggle("partner", i === partner);
    span.classList.toggle("future", i >= shownCount());
  });
}

/** Moves the box's own caret to where the state has it. */
function placeCaret() {
  const at = text.characters.slice(0, state.caret).join("").length;
  if (box.selectionEnd !== at || box.selectionStart !== at) box.setSelectionRange(at, at);
  const span = reading && spans[shown()];
  if (!span) return;
  // Only the text scrolls, never the page.
  const top = rowHeight() * Math.floor((span.offsetTop + span.offsetHeight / 2) / rowHeight()), last = paper.clientHeight - rowHeight();
  if (top < paper.scrollTop) paper.scrollTop = top;
  else if (top > paper.scrollTop + last) paper.scrollTop = top - last;
}

const paper = byId("paper");
/** How high a row of the text is, in CSS pixels. */
function rowHeight() { return parseFloat(getComputedStyle(overlay).lineHeight); }

/** How many characters are before the box's own caret: where a selection is extended, its moving end. */
function caretInBox() {
  const at = box.selectionDirection === "backward" ? box.selectionStart : box.selectionEnd;
  return Array.from(box.value.slice(0, at)).length;
}

/** The character of the window under the pointer. @param {MouseEvent} event @returns {number | null} */
function characterAt(event) {
  for (const node of document.elementsFromPoint(event.clientX, event.clientY)) {
    const span = /** @type {HTMLElement | null} */ (node.closest("#overlay [data-i]"));
    if (span) return Number(span.dataset.i);
  }
  return null;
}

/** What the box has, and the page does not show yet: a browser may tell of every line of a long text by itself, and once a frame
 *  is enough. @type {{frame: number, isTyped: boolean}} */
const news = { frame: 0, isTyped: false };

/** @param {boolean} isTyped */
function followSoon(isTyped) {
  news.isTyped ||= isTyped;
  news.frame ||= requestAnimationFrame(followBox);
}

/** Takes over what was typed, or where the caret was moved. */
function followBox() {
  const { frame, isTyped } = news;
  if (!frame) return;
  cancelAnimationFrame(frame);
  Object.assign(news, { frame: 0, isTyped: false });
  const caret = caretInBox();
  if (isTyped) {
    ownWork = [Infinity, Infinity];
    stopWriting();
    change({ text: fromBox(box.value), caret });
    leaveExercise();
  } else if (document.activeElement === box && fromBox(box.value) === state.text && caret !== state.caret) change({ caret });
}

function listenToText() {
  box.addEventListener("input", () => followSoon(true));
  // What was recorded cannot be changed; the caret moves through it all the same.
  if (!model) {
    box.addEventListener("beforeinput", event => event.preventDefault());
    box.setAttribute("aria-readonly", "true");
    box.inputMode = "none";
  }
  document.addEventListener("selectionchange", () => followSoon(false));
  for (const name of ["keyup", "pointerup", "select"]) box.addEventListener(name, () => followSoon(false));
  // No row is cut where the text comes to rest.
  let resting = 0;
  paper.addEventListener("scroll", () => {
    clearTimeout(resting);
    resting = setTimeout(() => { paper.scrollTop = rowHeight() * Math.round(paper.scrollTop / rowHeight()); }, 120);
  });
  box.addEventListener("pointermove", event => {
    const hovered = event.pointerType === "mouse" ? characterAt(event) : null;
    if (hovered !== state.hovered) change({ hovered });
  });
  box.addEventListener("pointerleave", () => { if (state.hovered !== null) change({ hovered: null }); });
}
