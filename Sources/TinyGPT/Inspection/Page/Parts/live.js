// The model's reading of a text that is being typed: the same questions as to a recording, answered by running the model.

/**
 * A token and its probability.
 * @typedef {[number, number]} Guess
 */
/**
 * What a page shows of a text: a window of it that the model has read.
 * @typedef {object} Reading
 * @property {number} start where the window begins in the text
 * @property {boolean} isWhole whether every character saw all before it
 * @property {number} count
 * @property {Int32Array} tokens
 * @property {string[]} characters
 * @property {(q: number) => number} firstKey the first character that one could see
 * @property {(layer: number, head: number) => Float32Array} weights the lower triangle, row q at q (q + 1) / 2
 * @property {(q: number) => Guess[] | null} next the likeliest first
 * @property {(q: number, token: number) => number | null} probability
 * @property {(q: number) => number | null} surprise in bits
 * @property {(layer: number, q: number) => Guess[] | null} lens the likeliest after a layer
 * @property {() => number | null} loss in nats per character
 * @property {(layer: number, head: number, q: number, part: 0 | 1) => Float32Array | null} vector a query or key
 * @property {(layer: number, head: number, q: number) => number} logSum
 */

/** The likeliest tokens; of equally likely ones the first. @param {ArrayLike<number>} probabilities @param {number} most
 *  @returns {Guess[]} */
function likeliest(probabilities, most) {
  /** @type {Guess[]} */
  const best = [];
  for (let token = 0; token < probabilities.length; token++) {
    const value = probabilities[token];
    if (best.length === most && value <= best[most - 1][1]) continue;
    let at = best.length;
    while (at > 0 && best[at - 1][1] < value) at--;
    best.splice(at, 0, [token, value]);
    if (best.length > most) best.pop();
  }
  return best;
}

/** @implements {Reading} */
class LiveReading {
  /** @param {Model} model @param {Int32Array} tokens of the window @param {number} start @param {Switches} off */
  constructor(model, tokens, start, off) {
    this.isWhole = true;
    this.model = model;
    this.start = start;
    this.tokens = tokens;
    this.count = tokens.length;
    this.characters = Array.from(tokens, token => model.vocabulary[token]);
    this.run = model.run(tokens, off);
    /** Of each position, as far as it was asked for. @type {Guess[][]} */
    this.guesses = [];
  }

  firstKey() { return 0; }
  /** @param {number} layer @param {number} head */
  weights(layer, head) { return this.run.weights(layer, head); }
  /** @param {number} q */
  next(q) { return this.guesses[q] ??= likeliest(this.run.probabilities(q), 8); }
  /** @param {number} q @param {number} token */
  probability(q, token) { return this.run.probabilities(q)[token]; }
  /** @param {number} q */
  surprise(q) { return this.run.surprise(q) ?? null; }
  /** @param {number} layer @param {number} q */
  lens(layer, q) { return likeliest(this.run.lens(layer, q), 5); }
  loss() { return this.count < 2 ? null : this.run.loss(); }
  /** @param {number} layer @param {number} head @param {number} q @param {0 | 1} part */
  vector(layer, head, q, part) { return part === 0 ? this.run.query(layer, head, q) : this.run.key(layer, head, q); }
  /** @param {number} layer @param {number} head @param {number} q */
  logSum(layer, head, q) { return this.run.logSum(layer, head, q); }
}
