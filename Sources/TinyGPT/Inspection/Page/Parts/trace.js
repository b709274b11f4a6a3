// A run of the model on a text: everything it computed, to be looked at.

/** What is kept of one layer, a row for each position; rows are added, and never changed once they are there. */
class LayerState {
  /** @param {Model} model @param {number} room for how many rows: the triangles of a whole context may be gigabytes */
  constructor(model, room) {
    const { width, heads, hidden } = model;
    /** The model, to make another. */ this.model = model;
    /** R, how many rows fit. */ this.room = room;
    /** Rows computed so far. */ this.rows = 0;
    /** The residual stream that enters. (R, C) */ this.h = new Float32Array(room * width);
    /** As they enter the scores. (R, 3C) */ this.queryKeyValue = new Float32Array(room * 3 * width);
    /** The lower triangle of each head, row after row. */
    this.weights = Array.from({ length: heads }, () => new Float32Array(room * (room + 1) / 2));
    this.logSums = Array.from({ length: heads }, () => new Float32Array(room));
    /** (R, C) */ this.headOutputs = new Float32Array(room * width);
    /** The residual stream between attention and MLP. (R, C) */ this.middle = new Float32Array(room * width);
    /** The neurons. (R, F) */ this.active = new Float32Array(room * hidden);
  }

  /** A state that has these rows and room for those up to `end`: this one, unless it holds others there or is full. One that is
   *  full doubles, so that a text that grows is seldom copied. @param {number} rows @param {number} end @returns {LayerState} */
  after(rows, end) {
    const goesOn = this.rows === rows;
    if (end === rows || goesOn && end <= this.room) return this;
    const copy = new LayerState(this.model, goesOn ? Math.min(this.model.context, Math.max(end, 2 * this.room)) : end);
    for (const name of /** @type {const} */ (["h", "queryKeyValue", "headOutputs", "middle", "active"])) {
      copy[name].set(this[name].subarray(0, this[name].length / this.room * rows));
    }
    for (let head = 0; head < this.weights.length; head++) {
      copy.weights[head].set(this.weights[head].subarray(0, rows * (rows + 1) / 2));
      copy.logSums[head].set(this.logSums[head].subarray(0, rows));
    }
    copy.rows = rows;
    return copy;
  }
}

/** What the model computed of a text. It never changes, whatever runs later. */
class Run {
  /**
   * Runs a model, going on from an earlier run that has the first `common` tokens in common.
   * @param {Model} model @param {Int32Array} tokens @param {Run | undefined} prior @param {number} common
   * @param {Run | null} base without the intervention, whose layers before it are shared @param {Intervention | null} change
   */
  constructor(model, tokens, prior, common, base, change) {
    const count = tokens.length, shared = change ? change.first : 0, from = common * model.width, to = count * model.width;
    if (count < 1 || count > model.context) throw new Error(`A run has 1 to ${model.context} characters, this one ${count}.`);
    this.model = model;
    this.tokens = tokens.slice();
    this.count = count;
    /** One for each layer, and one whose `h` is the residual stream after the last. @type {LayerState[]} */
    this.states = [];
    for (let layer = 0; layer <= model.layers; layer++) {
      if (base && layer < shared) this.states.push(base.states[layer]);
      else this.states.push(prior ? prior.states[layer].after(common, count) : new LayerState(model, count));
    }
    if (base) this.states[shared].h.set(base.states[shared].h.subarray(from, to), from);
    else model.embed(this.tokens, this.states[0].h, common);
    for (let layer = shared; layer < model.layers; layer++) {
      model.block(layer, this.states[layer], this.states[layer + 1].h, common, count, change);
    }
    for (let layer = shared; layer <= model.layers; layer++) this.states[layer].rows = Math.max(count, this.states[layer].rows);
    /** Logits that were asked for, by position. @type {Float32Array[]} */
    this.kept = [];
    if (prior) this.kept = prior.kept.slice(0, common);
    if (!this.logits(count - 1).every(Number.isFinite)) throw new Error("This model has diverged: its numbers are not finite.");
  }

  /** The attention weights of a head: the row of query q begins at q (q + 1) / 2 and has the keys 0 to q.
   *  @param {number} layer @param {number} head @returns {Float32Array} */
  weights(layer, head) { return this.states[layer].weights[head].subarray(0, this.count * (this.count + 1) / 2); }

  /** Of the character after q. @param {number} q @returns {Float32Array} (V) */
  logits(q) { return this.kept[q] ??= this.model.logits(this.states[this.model.layers].h, q); }

  /** Of the character after q. @param {number} q @returns {Float32Array} (V) */
  probabilities(q) { return probabilitiesOf(this.logits(q)); }

  /** What the model would say after this layer: final norm and LM head of the residual stream there (logit lens, nostalgebraist
   *  2020). @param {number} layer @param {number} q @returns {Float32Array} (V) */
  lens(layer, q) { return probabilitiesOf(this.model.logits(this.states[layer + 1].h, q)); }

  /** How unexpected token q was after those before it, in bits; the first is not predicted. @param {number} q
   *  @returns {number | undefined} */
  surprise(q) {
    if (q === 0) return undefined;
    const logits = this.logits(q - 1);
    return (logSumOf(logits) - logits[this.tokens[q]]) / Math.LN2;
  }

  /** The mean of -ln p over tokens 1 to count - 1, in nats; NaN for one token. @returns {number} */
  loss() {
    let sum = 0;
    for (let q = 1; q < this.count; q++) sum += /** @type {number} */ (this.surprise(q)) * Math.LN2;
    return sum / (this.count - 1);
  }

  /** As it enters the scores: in a modern model normalized and rotated. @param {number} layer @param {number} head
   *  @param {number} q @returns {Float32Array} (D) */
  query(layer, head, q) { return this.part(layer, head, q, 0); }

  /** As it enters the scores. @param {number} layer @param {number} head @param {number} k @returns {Float32Array} (D) */
  key(layer, head, k) { return this.part(layer, head, k, 1); }

  /** @param {number} layer @param {number} head @param {number} k @returns {Float32Array} (D) */
  value(layer, head, k) { return this.part(layer, head, k, 2); }

  /** @param {number} layer @param {number} head @param {number} position @param {0 | 1 | 2} third */
  part(layer, head, position, third) {
    const { width, headWidth } = this.model, from = (3 * position + third) * width + head * headWidth;
    return this.states[layer].queryKeyValue.subarray(from, from + headWidth);
  }

  /** The logarithm of the sum of the exponentials of the scores of a query. @param {number} layer @param {number} head
   *  @param {number} q @returns {number} */
  logSum(layer, head, q) { return this.states[layer].logSums[head][q]; }

  /** The activations of an MLP's neurons: after GELU, in a modern model the product of gate and up. @param {number} layer
   *  @param {number} q @returns {Float32Array} (F) */
  hidden(layer, q) { return rowOfMatrix(this.states[layer].active, q, this.model.hidden); }

  /** What a head found at q, before the output projection. @param {number} layer @param {number} head @param {number} q
   *  @returns {Float32Array} (D) */
  headOutput(layer, head, q) {
    return rowOfMatrix(this.states[layer].headOutputs, q * this.model.heads + head, this.model.headWidth);
  }

  /** The residual stream that enters a layer; of the number of layers, that which leaves the last one. @param {number} layer
   *  @param {number} q @returns {Float32Array} (C) */
  residual(layer, q) { return rowOfMatrix(this.states[layer].h, q, this.model.width); }

  /** The residual stream between attention and MLP. @param {number} layer @param {number} q @returns {Float32Array} (C) */
  middle(layer, q) { return rowOfMatrix(this.states[layer].middle, q, this.model.width); }
}

/** @param {Float32Array} matrix @param {number} row @param {number} width */
function rowOfMatrix(matrix, row, width) { return matrix.subarray(row * width, (row + 1) * width); }

/** @param {Float32Array} logits @returns {Float32Array} */
function probabilitiesOf(logits) {
  const probabilities = logits.slice();
  softmax(probabilities);
  return probabilities;
}

/** @param {Float32Array} logits @returns {number} */
function logSumOf(logits) { return softmax(logits.slice()); }

/** How many tokens two texts begin with in common. @param {Int32Array} a @param {Int32Array} b */
function commonLength(a, b) {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count++;
  return count;
}
