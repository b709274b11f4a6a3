// What is being looked at. Every change goes through `change`, which draws again what depends on it.

const state = {
  layer: data.layer ?? 0, head: data.head ?? 0, moment: moments.length - 1,
  /** @type {"head" | "average" | "rollout"} */ view: "head",
  /** @type {"to" | "from"} */ direction: "to",
  /** @type {"root" | "linear" | "log" | "row"} */ scale: "root",
  skip: false, signs: false, lines: false, sort: false,
  /** The character that was clicked, and the one it is paired with. @type {number | null} */ pinned: null,
  /** @type {number | null} */ paired: null,
  /** @type {number | null} */ hovered: null,
  /** How much of the text has been written; all, unless it is being replayed. */ written: count,
};

/** The weights of the view, and whether they are still those of the state. @type {Float32Array} */
let weights = new Float32Array(0);
let weightsKey = "";

/** The weight between two characters of the view. @param {number} query @param {number} key @returns {number} */
function weight(query, key) { return weightIn(weights, query, key); }

/** The same of any weights. @param {Float32Array} weights @param {number} query @param {number} key @returns {number} */
function weightIn(weights, query, key) {
  const start = data.starts[query];
  if (key < start || key > query || query >= count) return 0;
  const row = rows[query] - start;
  if (!state.skip) return weights[row + key];
  // Without position 0 the others share what it had.
  const rest = start === 0 ? 1 - weights[row] : 1;
  return key === 0 || rest <= 0 ? 0 : weights[row + key] / rest;
}

/** The largest weight of a row. @param {number} query */
function largest(query) {
  let most = 0;
  for (let key = data.starts[query]; key <= query; key++) most = Math.max(most, weight(query, key));
  return most;
}

/** Which key has the largest weight of a row. @param {number} query */
function strongest(query) {
  let best = data.starts[query];
  for (let key = best; key <= query; key++) if (weight(query, key) > weight(query, best)) best = key;
  return best;
}

/** The character that is shown: pinned, else hovered, else the last. */
function shown() { return Math.min(state.pinned ?? state.hovered ?? state.written - 1, state.written - 1); }

/** The character that the one shown is paired with: hovered beside a pinned one, else chosen in the map. @returns {number | null} */
function partner() {
  const other = state.pinned !== null ? state.hovered ?? state.paired : state.paired;
  if (other === null) return null;
  return (state.direction === "to" ? other <= shown() : other >= shown()) ? other : null;
}

/** @param {Partial<typeof state>} changes */
function change(changes) {
  Object.assign(state, changes);
  const key = [state.view, state.moment, state.layer, state.view === "head" ? state.head : ""].join();
  if (key !== weightsKey) {
    weightsKey = key;
    weights = state.view === "head" ? headWeights(state.moment, state.layer, state.head)
      : state.view === "average" ? averageWeights(state.moment, state.layer) : rolloutWeights(state.moment, state.layer);
  }
  const isOnlyHover = Object.keys(changes).join() === "hovered";
  drawText();
  drawDetails();
  if (!isOnlyHover) { drawMap(); drawControls(); }
}

/** What the view is, in words. */
function viewName() {
  return state.view === "head" ? `layer ${state.layer}, head ${state.head}`
    : state.view === "average" ? `layer ${state.layer}, average of ${data.heads} heads`
    : `rollout over layers 0 to ${state.layer}`;
}

/** A character as something to see. @param {number} position */
function nameOf(position) { return visible(characters[position]); }

/** @param {string} character */
function visible(character) {
  if (character === " ") return "␣";
  if (character === "\n") return "⏎";
  if (character === "\t") return "⇥";
  return /[\p{C}\p{M}\p{Z}]/u.test(character) ? "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")
    : character;
}

/** @param {number} value */
function percent(value) { return value >= 0.0995 ? `${(100 * value).toFixed(0)} %` : `${(100 * value).toPrecision(2)} %`; }
