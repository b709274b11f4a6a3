// Parts of the model switched off.

/**
 * What is off: heads by "layer.head", MLPs by layer. "zero" takes their output away. "mean" puts its mean over the text in its
 * place, from the run with everything on, so that later layers lose what depends on the text, but not a constant they rely on;
 * so it is in the program (`tinygpt heads`).
 * @typedef {{heads: Map<string, "zero" | "mean">, mlps: Map<number, "zero" | "mean">}} Switches
 */
/** Everything is on. @type {Switches} */
const none = { heads: new Map(), mlps: new Map() };

/**
 * Changes a row on its way through a layer, in place.
 * @typedef {(layer: number, row: Float32Array, position: number) => void} Change
 */
/**
 * What is changed, in no layer before `first`: the residual stream that enters (C), the head outputs side by side (C), and what
 * the MLP adds (C).
 * @typedef {{first: number, residual?: Change, heads?: Change, mlp?: Change}} Intervention
 */

/** What switches change. @param {Run} base the run with everything on @param {Switches} off @returns {Intervention} */
function ablation(base, off) {
  const { width, headWidth } = base.model;
  /** What stands in the place of each head: from which channel on, and the values. @type {[number, Float32Array][][]} */
  const heads = Array.from({ length: base.model.layers }, () => []);
  for (const [name, kind] of off.heads) {
    const [layer, head] = name.split(".").map(Number);
    heads[layer].push([head * headWidth,
      kind === "zero" ? new Float32Array(headWidth) : meanOf(base, headWidth, q => base.headOutput(layer, head, q))]);
  }
  /** @type {Map<number, Float32Array>} */
  const mlps = new Map();
  for (const [layer, kind] of off.mlps) {
    mlps.set(layer, kind === "zero" ? new Float32Array(width) : meanOf(base, width, q => {
      const before = base.middle(layer, q);
      return base.residual(layer + 1, q).map((value, c) => value - before[c]);
    }));
  }
  return {
    first: Math.min(...[...off.heads.keys()].map(name => Number(name.split(".")[0])), ...off.mlps.keys()),
    heads(layer, row) { for (const [from, values] of heads[layer]) row.set(values, from); },
    mlp(layer, row) {
      const values = mlps.get(layer);
      if (values) row.set(values);
    },
  };
}

/** One change after another, in the layers of the second. @param {Intervention} one @param {Intervention} other @returns {Intervention} */
function both(one, other) {
  const join = (/** @type {Change | undefined} */ a, /** @type {Change | undefined} */ b) => a && b
    ? (/** @type {number} */ layer, /** @type {Float32Array} */ row, /** @type {number} */ q) => { a(layer, row, q); b(layer, row, q); } : a ?? b;
  return {
    first: other.first, residual: join(one.residual, other.residual), heads: join(one.heads, other.heads), mlp: join(one.mlp, other.mlp),
  };
}

/** The mean of a row over all positions. @param {Run} run @param {number} size @param {(q: number) => Float32Array} row */
function meanOf(run, size, row) {
  const sums = new Float64Array(size);
  for (let q = 0; q < run.count; q++) row(q).forEach((value, c) => { sums[c] += value; });
  return Float32Array.from(sums, sum => sum / run.count);
}
