// What is being looked at. Every change goes through `change`, which reads the text again where it must and draws.

const data = JSON.parse(byId("data").textContent);
if (data.recording) Object.assign(data, data.recording);
/** The model itself, if the page holds it: of a training, as it was at the moment that is looked at. */
let model = data.model ? new Model(data.model, data.weights) : null;
/** @type {{layers: number, heads: number, width: number, context: number, vocabulary: string[]}} */
const shape = model
  ? { layers: model.layers, heads: model.heads, width: model.headWidth, context: model.context, vocabulary: model.vocabulary }
  : { layers: data.layers, heads: data.heads, width: data.width, context: data.tokens.length, vocabulary: data.vocabulary };

const state = {
  text: /** @type {string} */ (model ? data.prompt ?? "" : data.tokens.map((/** @type {number} */ t) => data.vocabulary[t]).join("")),
  /** How many characters (code points) are before the caret: the last of them is the one that looks. */ caret: 0,
  layer: /** @type {number} */ (data.layer ?? 0), head: /** @type {number} */ (data.head ?? 0),
  /** @type {"head" | "average" | "rollout"} */ view: "head",
  /** @type {"to" | "from"} */ direction: "to",
  /** @type {"root" | "linear" | "log" | "row"} */ scale: "root",
  skip: false,
  /** @type {"map" | "lines" | "table" | "patch" | "compare" | "neurons"} */ panel: "map",
  /** The text that this one is compared with; null before one is chosen. @type {string | null} */ other: null,
  /** What is switched off, with "m" before the number of an MLP's layer. @type {string[]} */ off: [],
  /** @type {"zero" | "mean"} */ ablation: "zero",
  /** The pair whose arithmetic is shown: query and key. @type {[number, number] | null} */ pair: null,
  /** The character under the pointer. @type {number | null} */ hovered: null,
  /** The token whose logit is taken apart; null for the likeliest. @type {number | null} */ explained: null,
  /** The step of a training, where the page has several. */ moment: data.history ? data.history.length - 1 : 0,
  /** How many characters of a replayed text are written. */ written: Infinity,
};

/** The text as characters, which of them have a token, and where the window's tokens stand in the text. */
const text = {
  characters: /** @type {string[]} */ ([]), tokens: new Int32Array(0), places: new Int32Array(0),
  /** @type {{index: number, character: string}[]} */ unknown: [],
};
/** What the page shows; null while there is nothing to read. @type {Reading | null} */
let reading = null;
/** The same with nothing switched off; the same object if nothing is. @type {Reading | null} */
let untouched = null;
/** What the two were read from: the caret moves without reading anew, and a switch without reading `untouched` anew. */
let readFrom = "", untouchedFrom = "";
/** @type {Map<number, Recording>} */
const recordings = new Map();

/** @param {string[]} names @returns {Switches} */
function offOf(names) {
  /** @type {Switches} */
  const off = { heads: new Map(), mlps: new Map() };
  for (const name of names) {
    if (name.startsWith("m")) off.mlps.set(Number(name.slice(1)), state.ablation);
    else off.heads.set(name, state.ablation);
  }
  return off;
}

/** Turns the text into tokens. */
function encode() {
  text.characters = Array.from(state.text);
  if (!model) {
    Object.assign(text, { tokens: Int32Array.from(data.tokens), unknown: [] });
    text.places = Int32Array.from(text.characters, (_, i) => i);
    return;
  }
  Object.assign(text, model.tokensOf(state.text));
  const unknown = new Set(text.unknown.map(place => place.index));
  text.places = Int32Array.from(text.characters.keys()).filter(i => !unknown.has(i));
}

/** Reads the window of the text in which the caret stands. */
function read() {
  if (!model) {
    if (!recordings.has(state.moment)) recordings.set(state.moment, new Recording(data, state.moment));
    reading = untouched = recordings.get(state.moment);
    return;
  }
  model = modelAt(state.moment);
  if (text.tokens.length === 0) { reading = untouched = null; return; }
  const start = model.windowStart(queryInText() + 1), tokens = text.tokens.slice(start, start + model.context);
  const window = [state.moment, start, tokens].join(), key = [window, state.off, state.ablation].join();
  if (!untouched || window !== untouchedFrom) untouched = new LiveReading(model, tokens, start, none);
  untouchedFrom = window;
  if (reading && key === readFrom) return;
  reading = state.off.length ? new LiveReading(model, untouched.tokens, start, offOf(state.off)) : untouched;
  readFrom = key;
}

/** How many multiplications it takes to read a text anew, roughly. @param {number} count */
function readingCost(count) { return model ? model.layers * 12 * model.width ** 2 * count : 0; }

/** The token before the caret, or the first one, counted in the whole text. */
function queryInText() {
  let low = 0, high = text.places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (text.places[middle] < state.caret) low = middle + 1; else high = middle;
  }
  return Math.max(0, low - 1);
}

/** How many characters of the window are shown: all, unless a text is being replayed. */
function shownCount() { return Math.min(reading.count, state.written - reading.start); }

/** The character that is looked at, counted in the window: the one before the caret. */
function shown() { return Math.min(queryInText() - reading.start, shownCount() - 1); }

/** Where the caret is after a character of the window. @param {number} position */
function caretAfter(position) { return text.places[reading.start + position] + 1; }

/** A character of the window as something to see. @param {number} position */
function nameOf(position) { return visible(reading.characters[position]); }

/** The pair that is shown in words: query and key; null if there is none. @returns {[number, number] | null} */
function shownPair() {
  const at = shown(), other = state.hovered;
  if (other === null || other >= shownCount()) return state.pair;
  if (state.direction === "to") return other <= at ? [at, other] : null;
  return other >= at ? [other, at] : null;
}

/** The token whose logit is taken apart. */
function explainedToken() { return state.explained ?? reading.next(shown())?.[0]?.[0] ?? 0; }

/** @param {Partial<typeof state>} changes */
function change(changes) {
  followBox();
  const names = Object.keys(changes), touches = (/** @type {string[]} */ ...keys) => keys.some(key => names.includes(key));
  if (touches("text", "caret", "direction", "view", "layer", "head", "off") && !touches("pair")) changes.pair = null;
  if (touches("text", "caret") && !touches("explained")) changes.explained = null;
  Object.assign(state, changes);
  if (touches("text")) encode();
  state.caret = Math.max(0, Math.min(state.caret, text.characters.length));
  if (touches("text", "caret", "off", "ablation", "moment")) read();
  const isOnlyHover = names.join() === "hovered";
  draw(isOnlyHover);
  if (!isOnlyHover) saveAddress();
}
