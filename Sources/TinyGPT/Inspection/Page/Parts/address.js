// The state in the address, so that a link shows what one sees.

/** What the page shows at first; how much of a replay is written is not in the address. */
const { written: _, ...addressDefaults } = state;
let addressTimer = 0;

/** The state as the fragment of an address; what is as it was at first is left out. */
function addressOf() {
  const fragment = new URLSearchParams(), isOther = state.text !== addressDefaults.text;
  const [words, caret] = isOther ? seenText() : [state.text, state.caret];
  if (model && isOther) fragment.set("text", words);
  fragment.set("caret", String(caret));
  for (const name of /** @type {const} */ (["layer", "head", "view", "direction", "scale", "panel", "ablation", "moment"])) {
    if (state[name] !== addressDefaults[name] || name === "layer" || name === "head") fragment.set(name, String(state[name]));
  }
  if (state.other !== null && state.panel === "compare") fragment.set("other", Array.from(state.other).slice(0, shape.context).join(""));
  if (state.skip) fragment.set("skip", "1");
  if (state.off.length) fragment.set("off", state.off.join(","));
  return "#" + fragment.toString();
}

/** The text, and where its caret is; of one that is longer than the context, what the model sees of it. @returns {[string, number]} */
function seenText() {
  if (!model || text.characters.length <= shape.context) return [state.text, state.caret];
  return reading ? [reading.characters.join(""), Math.min(state.caret, shown() + 1)] : [text.characters.slice(0, shape.context).join(""), 0];
}

/** Browsers allow only so many changes of the address a second. */
function saveAddress() {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    try { history.replaceState(null, "", addressOf()); } catch { /* A page in a frame may not have an address. */ }
  }, 200);
}

/** What an address asks for, as far as this page has it. @returns {Partial<typeof state>} */
function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  /** @type {Record<string, unknown>} */
  const changes = {};
  const numberOf = (/** @type {string} */ name, /** @type {number} */ end) => {
    const value = Number(asked.get(name));
    if (asked.has(name) && Number.isInteger(value) && value >= 0 && value < end) changes[name] = value;
  };
  numberOf("layer", shape.layers);
  numberOf("head", shape.heads);
  numberOf("moment", data.history?.length ?? 1);
  numberOf("caret", Infinity);
  const choices = {
    view: ["head", "average", "rollout"], direction: ["to", "from"], scale: ["root", "linear", "log", "row"],
    panel: ["map", "lines", "table", ...(model ? ["patch", "compare", "neurons"] : [])], ablation: ["zero", "mean"],
  };
  for (const [name, allowed] of Object.entries(choices)) {
    const value = asked.get(name);
    if (value !== null && allowed.includes(value)) changes[name] = value;
  }
  if (asked.get("skip") === "1") changes.skip = true;
  if (model && asked.has("text")) changes.text = asked.get("text");
  if (model && asked.has("other")) changes.other = asked.get("other");
  const off = asked.get("off")?.split(",") ?? [];
  if (model) changes.off = parts.map(part => part.name).filter(name => off.includes(name));
  return changes;
}
