// The program's random numbers, and how it draws a character with them.

/** The numbers of SplitMix64 (Steele, Lea and Flood 2014) that the program samples with: the same for the same seed and text. */
class RandomStream {
  /** @param {number | bigint} seed @param {number} number of the text, from 0 on */
  constructor(seed, number = 0) {
    const sampling = 4n;
    this.state = 0n;
    // Seed, purpose and number are mixed in one after another.
    for (const word of [BigInt(seed), sampling, BigInt(number)]) this.state = RandomStream.mix((this.state ^ word) + RandomStream.increment);
  }

  /** 64 random bits. @returns {bigint} */
  next() {
    this.state = BigInt.asUintN(64, this.state + RandomStream.increment);
    return RandomStream.mix(this.state);
  }

  /** A number from [0, 1), a multiple of 2 to the power -53. @returns {number} */
  uniform() { return Number(this.next() >> 11n) * 2 ** -53; }

  /** @param {bigint} word */
  static mix(word) {
    word = BigInt.asUintN(64, word);
    word = BigInt.asUintN(64, (word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n);
    word = BigInt.asUintN(64, (word ^ (word >> 27n)) * 0x94d049bb133111ebn);
    return word ^ (word >> 31n);
  }
}
RandomStream.increment = 0x9e3779b97f4a7c15n;

/**
 * How a character is chosen, as by the options of `tinygpt sample`; a temperature of 0 always takes the likeliest.
 * @typedef {{temperature: number, topK?: number, topP?: number, minP?: number, repetitionPenalty?: number,
 *   repetitionWindow?: number}} Sampler
 */

/** The probability of every token after temperature, min-p, top-k and top-p. @param {ArrayLike<number>} logits
 *  @param {Sampler} sampler @returns {Float64Array} (V) */
function samplingProbabilities(logits, sampler) {
  const { temperature, topK, topP, minP } = sampler;
  let likeliest = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[likeliest]) likeliest = i;
  const probabilities = new Float64Array(logits.length);
  if (temperature === 0) {
    probabilities[likeliest] = 1;
    return probabilities;
  }
  for (let i = 0; i < logits.length; i++) {
    const probability = Math.exp((logits[i] - logits[likeliest]) / temperature);
    probabilities[i] = minP !== undefined && probability < minP ? 0 : probability;
  }
  if (topK !== undefined || topP !== undefined) keepLikeliest(probabilities, topK ?? Infinity, topP);
  const sum = probabilities.reduce((sum, probability) => sum + probability, 0);
  return probabilities.map(probability => probability / sum);
}

/** Of equally likely tokens the first counts as the likelier one. @param {Float64Array} probabilities
 *  @param {number} topK @param {number | undefined} topP */
function keepLikeliest(probabilities, topK, topP) {
  const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  let kept = Math.min(topK, order.length);
  if (topP !== undefined) {
    const sum = order.slice(0, kept).reduce((sum, token) => sum + probabilities[token], 0);
    let reached = 0;
    const enough = order.slice(0, kept).findIndex(token => (reached += probabilities[token] / sum) >= topP);
    if (enough >= 0) kept = enough + 1;
  }
  for (const token of order.slice(kept)) probabilities[token] = 0;
}

/** Writes on after a text, as `tinygpt sample` does: the same characters from the same seed, if the weights are those of the
 *  program (float32). When the context is full, the window slides by half. */
class Generator {
  /** @param {Model} model @param {Int32Array} prompt not empty @param {Sampler} sampler @param {number | bigint} seed
   *  @param {Switches} [off] @param {number} [number] of the text, from 0 on */
  constructor(model, prompt, sampler, seed, off = none, number = 0) {
    this.model = model;
    this.sampler = sampler;
    this.off = off;
    this.random = new RandomStream(seed, number);
    /** The tokens that the next one sees. @type {number[]} */
    this.window = Array.from(prompt.slice(-model.context));
    /** For the penalty on repetition. */
    this.recent = Array.from(prompt);
    /** What the last token was drawn from. */
    this.probabilities = new Float64Array(model.vocabulary.length);
    /** What the model computed for it. @type {Run | null} */
    this.run = null;
  }

  /** Draws a token and appends it. @returns {number} */
  next() {
    const { model, sampler, window } = this, half = Math.max(1, Math.floor(model.context / 2));
    if (window.length > model.context) window.splice(0, window.length - half);
    this.run = model.run(Int32Array.from(window), this.off);
    this.probabilities = samplingProbabilities(this.penalized(this.run.logits(window.length - 1)), sampler);
    let rest = this.random.uniform();
    let token = this.probabilities.findIndex(probability => (rest -= probability) < 0);
    // What rounding leaves over belongs to the last token with a probability above 0.
    if (token < 0) token = this.probabilities.reduce((last, probability, i) => probability > 0 ? i : last, 0);
    window.push(token);
    this.recent.push(token);
    return token;
  }

  /** Logits after the penalty on repetition: those of recent tokens divided by it if positive, multiplied if not (Keskar et al.
   *  2019). @param {Float32Array} logits */
  penalized(logits) {
    const { repetitionPenalty = 1, repetitionWindow = 64 } = this.sampler, penalty = Math.fround(repetitionPenalty);
    if (penalty === 1) return logits;
    const penalized = logits.slice();
    for (const token of new Set(this.recent.slice(-repetitionWindow))) {
      penalized[token] *= penalized[token] > 0 ? Math.fround(1 / penalty) : penalty;
    }
    return penalized;
  }
}
