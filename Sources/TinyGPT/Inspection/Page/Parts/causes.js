// Why the model says what it says: what each part adds, what a head moves, and which part carries a difference.

/**
 * What each part adds to the logit of a token after q (direct logit attribution; Elhage et al. 2021): the residual stream is a sum,
 * and so is the logit, if the factor by which the final norm divides is held at what it is. `bias` is that of the output
 * projections and of the final norm. They sum to the logit.
 * @param {Run} run @param {number} q @param {number} token
 * @returns {{heads: number[][], mlps: number[], embedding: number, bias: number, total: number}}
 */
function attribution(run, q, token) {
  const { model } = run, { mean, scale } = statistics(model.finalNorm, run.residual(model.layers, q), 0);
  const direction = logitDirection(model, token, scale), { bias } = model.finalNorm;
  const along = (/** @type {ArrayLike<number>} */ vector) => direction.reduce((sum, value, c) => sum + value * vector[c], 0);
  const embedding = along(run.residual(0, q));
  let rest = bias ? dot(bias, 0, model.lmHead.weight, token * model.width, model.width) : 0;
  /** @type {number[]} */ const mlps = [];
  const heads = model.blocks.map(({ projection }, layer) => {
    const middle = run.middle(layer, q), after = run.residual(layer + 1, q);
    mlps.push(along(after) - along(middle));
    if (projection.bias) rest += along(projection.bias);
    return Array.from({ length: model.heads }, (_, head) => along(project(model, layer, head, run.headOutput(layer, head, q))));
  });
  const parts = [embedding, rest, ...mlps, ...heads.flat()];
  return { heads, mlps, embedding, bias: rest, total: parts.reduce((sum, part) => sum + part, 0) };
}

/**
 * The direction of the residual stream in which a token's logit grows, for a final norm that multiplies by `scale`. A norm that
 * takes the mean away takes the mean of the direction away. @param {Model} model @param {number} token @param {number} scale
 * @returns {Float64Array} (C)
 */
function logitDirection(model, token, scale) {
  const { finalNorm, lmHead, width } = model;
  const direction = Float64Array.from(finalNorm.weight, (gain, c) => gain * lmHead.weight[token * width + c] * scale);
  const mean = finalNorm.centered ? direction.reduce((sum, value) => sum + value, 0) / width : 0;
  return direction.map(value => value - mean);
}

/** What a vector of a head (D) becomes in the residual stream, through the head's part of the output projection.
 *  @param {Model} model @param {number} layer @param {number} head @param {ArrayLike<number>} vector @returns {Float64Array} (C) */
function project(model, layer, head, vector) {
  const { weight } = model.blocks[layer].projection, { width, headWidth } = model, out = new Float64Array(width);
  for (let c = 0; c < width; c++) {
    for (let d = 0, at = c * width + head * headWidth; d < headWidth; d++) out[c] += vector[d] * weight[at + d];
  }
  return out;
}

/**
 * What a head moves from a key: how much every logit after q would rise if the head took all of its attention from there, by the
 * direct path: the value through the output projection, the final norm as it is at q, and the LM head.
 * @param {Model} model @param {number} layer @param {number} head @param {Run} run @param {number} key
 * @param {number} [q] the last position, unless another is given @returns {Float32Array} (V)
 */
function moves(model, layer, head, run, key, q = run.count - 1) {
  const moved = project(model, layer, head, run.value(layer, head, key)), { finalNorm, lmHead, width } = model;
  const { scale } = statistics(finalNorm, run.residual(model.layers, q), 0);
  const mean = finalNorm.centered ? moved.reduce((sum, value) => sum + value, 0) / width : 0;
  const x = Float32Array.from(moved, (value, c) => (value - mean) * scale * finalNorm.weight[c]);
  const logits = new Float32Array(model.vocabulary.length);
  linear({ ...lmHead, bias: undefined }, x, logits, 0, 1);
  return logits;
}

/** @typedef {{positions: number[][], heads: number[][], pair: [number, number], difference: [number, number], probabilities: [number, number][]}} Patching */

/**
 * What a text of the same length would need to behave like another (activation patching; Meng et al. 2022): run B with one thing
 * from the run of A in its place, the residual stream that enters a layer at a position, or the output of a head at all positions,
 * and see which share of the difference comes back; 1 is all of it. The difference is that of two tokens' logits after the last
 * character: unless others are given, of the tokens whose probability A and B raise most against each other. What is off is so in all
 * runs.
 * @param {Model} model @param {Int32Array} tokensA @param {Int32Array} tokensB @param {[number, number]} [pair] @param {Switches} [off]
 * @returns {Patching} by layer and position, by layer and head; `difference` is the logits' in A and in B, `probabilities` are those
 *   of the two tokens, in A and in B
 */
function patching(model, tokensA, tokensB, pair, off) {
  const steps = patchingSteps(model, tokensA, tokensB, pair, off);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/**
 * The same in steps, of which each yields the fraction done, so that a page can be drawn between them.
 * @param {Model} model @param {Int32Array} tokensA @param {Int32Array} tokensB @param {[number, number]} [pair] @param {Switches} [off]
 */
function* patchingSteps(model, tokensA, tokensB, pair, off = none) {
  if (tokensA.length !== tokensB.length) {
    throw new Error(`The two texts need the same length; they have ${tokensA.length} and ${tokensB.length} characters.`);
  }
  const [a, b] = [model.run(tokensA, off), model.run(tokensB, off)], stillOff = ablation(model.run(tokensB), off), last = a.count - 1, first = commonLength(tokensA, tokensB);
  const [ofEachA, ofEachB] = [a.probabilities(last), b.probabilities(last)];
  const [one, other] = pair ?? [likeliestOf(ofEachA.map((p, token) => p - ofEachB[token])), likeliestOf(ofEachB.map((p, token) => p - ofEachA[token]))];
  const difference = (/** @type {Run} */ run) => run.logits(last)[one] - run.logits(last)[other];
  const [ofA, ofB] = [difference(a), difference(b)], total = model.layers * (Math.max(0, a.count - first) + model.heads);
  let done = 0;
  const share = (/** @type {Intervention} */ change, /** @type {number} */ from) => {
    done++;
    return ofA === ofB ? 0 : (difference(new Run(model, tokensB, b, from, b, both(stillOff, change))) - ofB) / (ofA - ofB);
  };
  /** @type {number[][]} */ const positions = [];
  /** @type {number[][]} */ const heads = [];
  for (let layer = 0; layer < model.layers; layer++) {
    // Before the first difference the two are the same.
    positions.push(new Array(first).fill(0));
    for (let at = first; at < a.count; at++) {
      positions[layer].push(share({
        first: layer, residual: (l, row, q) => { if (l === layer && q === at) row.set(a.residual(layer, at)); },
      }, at));
      yield done / total;
    }
    heads.push([]);
    for (let head = 0; head < model.heads; head++) {
      heads[layer].push(share({
        first: layer, heads: (l, row, q) => { if (l === layer) row.set(a.headOutput(layer, head, q), head * model.headWidth); },
      }, first));
      yield done / total;
    }
  }
  /** @type {Patching} */
  const result = {
    positions, heads, pair: [one, other], difference: [ofA, ofB],
    probabilities: [[ofEachA[one], ofEachA[other]], [ofEachB[one], ofEachB[other]]],
  };
  return result;
}

/** @param {ArrayLike<number>} values @returns {number} */
function likeliestOf(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
