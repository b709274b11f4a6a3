// The model: what the program's forward pass computes, a row of numbers for each character. Letters in shapes: C width,
// H heads, D = C / H, F hidden width of the MLP, V vocabulary, T context.

class Model {
  /** @param {Description} description @param {string} weights base64 */
  constructor(description, weights) {
    const parameters = parametersOf(description, weights);
    this.architecture = description.architecture;
    this.layers = description.layers;
    this.heads = description.heads;
    this.width = description.width;
    this.headWidth = this.width / this.heads;
    this.context = description.context;
    this.vocabulary = description.vocabulary;
    /** @type {Map<string, number>} */
    this.tokenOf = new Map(this.vocabulary.map((character, token) => [character, token]));
    /** From which a text without a beginning is written: a line break, as far as there is one. */
    this.startToken = this.tokenOf.get("\n") ?? 0;
    const isModern = this.architecture === "modern";

    /** @param {string} name @returns {Float32Array} */
    const parameter = name => {
      const values = parameters.get(name);
      if (!values) throw new Error(`This page is damaged: its model has no "${name}". Make it again.`);
      return values;
    };
    /** @param {string} name @returns {Norm} */
    const norm = name => ({
      weight: parameter(`${name}.weight`), bias: parameters.get(`${name}.bias`),
      centered: !isModern, epsilon: isModern ? 1e-6 : 1e-5,
    });
    /** @param {string} name @param {number} inputs @returns {Linear} */
    const matrix = (name, inputs) => {
      const weight = parameter(`${name}.weight`);
      return { weight, bias: parameters.get(`${name}.bias`), inputs, outputs: weight.length / inputs };
    };

    this.embedding = parameter("embedding.weight");
    /** Vectors of pairs and triples of characters. */
    this.tables = [2, 3].filter(order => parameters.has(order === 2 ? "bigrams.weight" : "trigrams.weight"))
      .map(order => ({ order, weight: parameter(order === 2 ? "bigrams.weight" : "trigrams.weight") }));
    this.blocks = Array.from({ length: this.layers }, (_, layer) => {
      const name = `blocks.${layer}`, up = matrix(`${name}.feed_forward.${isModern ? "gate_up" : "up"}`, this.width);
      return {
        norm1: norm(`${name}.norm1`), queryKeyValue: matrix(`${name}.attention.qkv`, this.width),
        queryNorm: isModern ? norm(`${name}.attention.query_norm`) : null,
        keyNorm: isModern ? norm(`${name}.attention.key_norm`) : null,
        projection: matrix(`${name}.attention.projection`, this.width),
        norm2: norm(`${name}.norm2`), up,
        down: matrix(`${name}.feed_forward.down`, isModern ? up.outputs / 2 : up.outputs),
      };
    });
    /** F, the neurons of each MLP. */
    this.hidden = this.blocks[0].down.inputs;
    this.finalNorm = norm("norm");
    /** The LM head; without weights of its own it is the embedding ("tied"). @type {Linear} */
    this.lmHead = parameters.has("head.weight") ? matrix("head", this.width)
      : { weight: this.embedding, bias: undefined, inputs: this.width, outputs: this.vocabulary.length };
    this.positions = isModern ? rotations(this.context, this.headWidth) : sinusoids(this.context, this.width);
    /** Rows on their way through a block: as wide as the residual stream, and as the MLP's first layer. */
    this.scratch = { x: new Float32Array(0), wide: new Float32Array(0) };
    /** The last runs, by what was switched off. @type {Map<string, Run>} */
    this.recent = new Map();
  }

  /**
   * The tokens of a text, a code point each; characters that the model never saw are left out, and named with their places.
   * @param {string} text
   */
  tokensOf(text) {
    /** @type {number[]} */ const tokens = [];
    /** @type {{index: number, character: string}[]} */ const unknown = [];
    let index = 0;
    for (const character of text) {
      const token = this.tokenOf.get(character);
      if (token === undefined) unknown.push({ index, character });
      else tokens.push(token);
      index++;
    }
    return { tokens: Int32Array.from(tokens), unknown };
  }

  /**
   * Where the window of a text of `count` characters begins: 0 as long as it fits into the context; when that is full, the window
   * slides by half, as it does when the program samples.
   * @param {number} count
   */
  windowStart(count) {
    const step = this.context + 1 - Math.max(1, Math.floor(this.context / 2));
    return step * Math.max(0, Math.ceil((count - this.context) / step));
  }

  /**
   * Runs the model on a text of 1 to `context` tokens. Of the last run with the same switches all is kept up to the first
   * character that is another, so one more character costs one row; and of the run with nothing switched off, the layers below.
   * @param {Int32Array} tokens @param {Switches} [off] @returns {Run}
   */
  run(tokens, off = none) {
    const key = JSON.stringify([[...off.heads].sort(), [...off.mlps].sort()]), isWhole = off.heads.size + off.mlps.size === 0;
    const base = isWhole ? null : this.run(tokens);
    let prior = this.recent.get(key), common = prior ? commonLength(prior.tokens, tokens) : 0;
    // A mean is one over all of the text: another character changes it everywhere.
    const hasMean = [...off.heads.values(), ...off.mlps.values()].includes("mean");
    if (hasMean && prior && (common < tokens.length || common < prior.count)) [prior, common] = [undefined, 0];
    const run = new Run(this, tokens, prior, common, base, base && ablation(base, off));
    this.recent.delete(key);
    this.recent.set(key, run);
    if (this.recent.size > 4) this.recent.delete(this.recent.keys().next().value ?? "");
    return run;
  }

  /** The start of the residual stream: the embedding, n-grams and, in a classic model, the position.
   *  @param {Int32Array} tokens @param {Float32Array} h @param {number} first */
  embed(tokens, h, first) {
    const width = this.width;
    const sources = [{ order: 1, weight: this.embedding }, ...this.tables];
    for (let q = first; q < tokens.length; q++) {
      for (let c = 0; c < width; c++) h[q * width + c] = this.architecture === "classic" ? this.positions[q * width + c] : 0;
      for (const { order, weight } of sources) {
        const from = rowOf(tokens, q, order, this.vocabulary.length) * width;
        for (let c = 0; c < width; c++) h[q * width + c] += weight[from + c];
      }
    }
  }

  /**
   * A block: attention moves information between positions, then the MLP works on each position by itself; both add to the
   * residual stream. `h += projection(heads(norm1(h)))`, then `h += down(active(up(norm2(h))))`.
   * @param {number} layer @param {LayerState} s what is kept of this layer @param {Float32Array} next the residual stream after it
   * @param {number} first the first row to compute @param {number} end @param {Intervention | null} change
   */
  block(layer, s, next, first, end, change) {
    const block = this.blocks[layer], { width } = this;
    if (first === end) return;
    if (this.scratch.x.length < s.room * width) {
      this.scratch = { x: new Float32Array(s.room * width), wide: new Float32Array(s.room * block.up.outputs) };
    }
    const { x, wide } = this.scratch;
    const each = (/** @type {Change | undefined} */ rowChange, /** @type {Float32Array} */ values) => {
      if (!rowChange) return;
      for (let q = first; q < end; q++) rowChange(layer, values.subarray(q * width, (q + 1) * width), q);
    };
    each(change?.residual, s.h);
    normalize(block.norm1, s.h, x, first, end);
    linear(block.queryKeyValue, x, s.queryKeyValue, first, end);
    if (block.queryNorm) this.rotate(block, s.queryKeyValue, first, end);
    for (let head = 0; head < this.heads; head++) this.attend(head, s, first, end);
    each(change?.heads, s.headOutputs);
    linear(block.projection, s.headOutputs, x, first, end);
    for (let i = first * width; i < end * width; i++) s.middle[i] = s.h[i] + x[i];

    normalize(block.norm2, s.middle, x, first, end);
    linear(block.up, x, wide, first, end);
    this.activate(wide, s.active, first, end);
    linear(block.down, s.active, x, first, end);
    each(change?.mlp, x);
    for (let i = first * width; i < end * width; i++) next[i] = s.middle[i] + x[i];
  }

  /**
   * A head: `softmax(q k / sqrt(D)) v` over the positions up to its own.
   * @param {number} head @param {LayerState} s @param {number} first @param {number} end
   */
  attend(head, s, first, end) {
    const { headWidth: size, width } = this, mixed = s.queryKeyValue, part = head * size;
    for (let q = first; q < end; q++) {
      const row = s.weights[head].subarray(q * (q + 1) / 2, (q + 1) * (q + 2) / 2);
      for (let k = 0; k <= q; k++) {
        row[k] = dot(mixed, q * 3 * width + part, mixed, k * 3 * width + width + part, size) / Math.sqrt(size);
      }
      s.logSums[head][q] = softmax(row);
      for (let c = 0; c < size; c++) {
        let sum = 0;
        for (let k = 0, at = 2 * width + part + c; k <= q; k++, at += 3 * width) sum += row[k] * mixed[at];
        s.headOutputs[q * width + part + c] = sum;
      }
    }
  }

  /**
   * QK-norm and RoPE: the queries and keys of each head are normalized, then channels i and i + D/2 are rotated as a point in the
   * plane (Henry et al. 2020; Su et al. 2021).
   * @param {Model["blocks"][0]} block @param {Float32Array} queryKeyValue @param {number} first @param {number} end
   */
  rotate(block, queryKeyValue, first, end) {
    const { queryNorm, keyNorm } = block, size = this.headWidth, half = size / 2;
    for (let q = first; q < end; q++) {
      const turn = this.positions.subarray(q * size, (q + 1) * size);
      for (let vector = 0; vector < 2 * this.heads; vector++) {
        const norm = /** @type {Norm} */ (vector < this.heads ? queryNorm : keyNorm);
        const from = q * 3 * this.width + vector * size, x = queryKeyValue.subarray(from, from + size);
        normalize(norm, x, x, 0, 1);
        for (let i = 0; i < half; i++) {
          const [a, b, cosine, sine] = [x[i], x[i + half], turn[i], turn[i + half]];
          x[i] = a * cosine - b * sine;
          x[i + half] = b * cosine + a * sine;
        }
      }
    }
  }

  /** The neurons: `gelu(up)`, or with a gate `silu(gate) * up` (SwiGLU: Shazeer 2020). @param {Float32Array} wide
   *  @param {Float32Array} active @param {number} first @param {number} end */
  activate(wide, active, first, end) {
    const size = this.hidden;
    for (let q = first; q < end; q++) {
      for (let f = 0, from = q * this.blocks[0].up.outputs; f < size; f++) {
        active[q * size + f] = this.architecture === "classic" ? gelu(wide[from + f]) : silu(wide[from + f]) * wide[from + size + f];
      }
    }
  }

  /** The final norm and the LM head, of any row of the residual stream (logit lens). @param {Float32Array} h @param {number} q
   *  @returns {Float32Array} */
  logits(h, q) {
    const x = new Float32Array(this.width), y = new Float32Array(this.vocabulary.length);
    normalize(this.finalNorm, h.subarray(q * this.width, (q + 1) * this.width), x, 0, 1);
    linear(this.lmHead, x, y, 0, 1);
    return y;
  }
}
