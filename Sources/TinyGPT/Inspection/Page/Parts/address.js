// The state in the address, so that a link shows what one sees.

const addressDefaults = { ...state, off: "" };
let addressTimer = 0;

/** The state as the fragment of an address; what is as it was at first is left out. */
function addressOf() {
  const parts = new URLSearchParams();
  if (model && state.text !== addressDefaults.text) parts.set("text", state.text);
  parts.set("caret", String(state.caret));
  for (const name of /** @type {const} */ (["layer", "head", "view", "direction", "scale", "panel", "ablation", "moment"])) {
    if (state[name] !== addressDefaults[name] || name === "layer" || name === "head") parts.set(name, String(state[name]));
  }
  if (state.other !== null && state.panel === "compare") parts.set("other", state.other);
  if (state.skip) parts.set("skip", "1");
  if (state.off.length) parts.set("off", state.off.join(","));
  return "#" + parts.toString();
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
  const parts = new URLSearchParams(location.hash.slice(1));
  /** @type {Record<string, unknown>} */
  const changes = {};
  const numberOf = (/** @type {string} */ name, /** @type {number} */ end) => {
    const value = Number(parts.get(name));
    if (parts.has(name) && Number.isInteger(value) && value >= 0 && value < end) changes[name] = value;
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
    const value = parts.get(name);
    if (value !== null && allowed.includes(value)) changes[name] = value;
  }
  if (parts.get("skip") === "1") changes.skip = true;
  if (model && parts.has("text")) changes.text = parts.get("text");
  if (model && parts.has("other")) changes.other = parts.get("other");
  const isPart = (/** @type {string} */ name) => {
    const [layer, head] = (name.startsWith("m") ? `${name.slice(1)}.0` : name).split(".").map(Number);
    return layer >= 0 && layer < shape.layers && head >= 0 && head < shape.heads;
  };
  if (model && parts.has("off")) changes.off = parts.get("off").split(",").filter(isPart);
  return changes;
}
