// What is drawn of a reading: one head, the mean of a layer's heads, or what reaches a character through several layers.

/** @param {Reading} reading @param {number} layer @returns {Float32Array} */
function averageWeights(reading, layer) {
  const sum = new Float32Array(reading.count * (reading.count + 1) / 2);
  for (let head = 0; head < shape.heads; head++) {
    const weights = reading.weights(layer, head);
    for (let i = 0; i < sum.length; i++) sum[i] += weights[i] / shape.heads;
  }
  return sum;
}

/**
 * What reaches a character from the text through all layers up to this one, if half of every layer is attention, averaged over
 * its heads, and half is the residual connection (Abnar and Zuidema 2020).
 * @param {Reading} reading @param {number} layer @returns {Float32Array}
 */
function rolloutWeights(reading, layer) {
  const count = reading.count, begin = (/** @type {number} */ q) => q * (q + 1) / 2;
  let flow = new Float32Array(begin(count));
  for (let q = 0; q < count; q++) flow[begin(q) + q] = 1;
  for (let l = 0; l <= layer; l++) {
    const average = averageWeights(reading, l), next = new Float32Array(begin(count));
    for (let q = 0; q < count; q++) {
      for (let via = 0; via <= q; via++) {
        const part = 0.5 * average[begin(q) + via] + (via === q ? 0.5 : 0);
        if (part < 1e-7) continue;
        for (let k = 0; k <= via; k++) next[begin(q) + k] += part * flow[begin(via) + k];
      }
    }
    flow = next;
  }
  return flow;
}

/** The weights of the view, and what they were computed from. */
const viewCache = { reading: /** @type {Reading | null} */ (null), key: "", weights: new Float32Array(0) };

/** The view of any reading. @param {Reading} reading @returns {Float32Array} */
function weightsOfView(reading) {
  return state.view === "head" ? reading.weights(state.layer, state.head)
    : state.view === "average" ? averageWeights(reading, state.layer) : rolloutWeights(reading, state.layer);
}

/** The lower triangle of the view. @returns {Float32Array} */
function viewWeights() {
  const key = [state.view, state.layer, state.view === "head" ? state.head : ""].join();
  if (viewCache.reading !== reading || viewCache.key !== key) {
    viewCache.weights = weightsOfView(reading);
    Object.assign(viewCache, { reading, key });
  }
  return viewCache.weights;
}

/** The weight between two characters of a window. @param {number} query @param {number} key @returns {number} */
function weight(query, key) { return weightIn(viewWeights(), query, key); }

/** The same of any triangle. Without the first character, the others share what it had. @param {Float32Array} weights
 *  @param {number} query @param {number} key @returns {number} */
function weightIn(weights, query, key) {
  const row = query * (query + 1) / 2;
  if (key < 0 || key > query || row + key >= weights.length) return 0;
  if (!state.skip || reading.firstKey(query) > 0) return weights[row + key];
  if (key === 0) return 0;
  let rest = 0;
  for (let k = 1; k <= query; k++) rest += weights[row + k];
  return rest > 0 ? weights[row + key] / rest : 0;
}

/** A row of the view, or of any triangle: what one character takes from each. @param {number} query @param {Float32Array} [weights]
 *  @returns {Float32Array} */
function viewRow(query, weights = viewWeights()) {
  const start = query * (query + 1) / 2, row = weights.slice(start, start + query + 1);
  if (!state.skip || reading.firstKey(query) > 0) return row;
  row[0] = 0;
  const rest = row.reduce((sum, value) => sum + value, 0);
  return rest > 0 ? row.map(value => value / rest) : row;
}

/** A column: what each character takes from one; 0 before it. @param {number} key @returns {Float32Array} */
function columnOf(key) { return Float32Array.from({ length: shownCount() }, (_, query) => weight(query, key)); }

/** Where an array is largest. @param {ArrayLike<number>} values */
function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** What the view is, in words. */
function viewName() {
  return state.view === "head" ? `Head ${state.layer}.${state.head}`
    : state.view === "average" ? `Layer ${state.layer}, average of its ${shape.heads} heads`
    : `Rollout through layer ${state.layer}`;
}

/** What the view is, for those who have not met it. */
function viewMeaning() {
  return state.view === "head" ? ""
    : state.view === "average" ? "The mean of the layer’s heads: what they do together; how they differ is lost."
    : "An estimate of what reaches a character through all layers so far, if half of each layer is attention and half goes straight on.";
}
