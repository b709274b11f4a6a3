// What a layer computes, row by row; a row is a position of the text. Sums are in double precision.

/**
 * A layer's matrix with the weights of each output beside each other, and its bias. Shape: weight (outputs, inputs), bias (outputs)
 * @typedef {{weight: Float32Array, bias: Float32Array | undefined, inputs: number, outputs: number}} Linear
 */

/**
 * `x W + b` for the rows from `first` up to `end`. Four rows at a time share each weight that is read: twice as fast.
 * @param {Linear} layer @param {Float32Array} x @param {Float32Array} y @param {number} first @param {number} end
 */
function linear(layer, x, y, first, end) {
  const { weight: w, bias, inputs, outputs } = layer;
  let row = first;
  for (; row + 4 <= end; row += 4) {
    const x0 = row * inputs, x1 = x0 + inputs, x2 = x1 + inputs, x3 = x2 + inputs;
    for (let j = 0, y0 = row * outputs; j < outputs; j++, y0++) {
      let a = bias ? bias[j] : 0, b = a, c = a, d = a;
      for (let i = 0, at = j * inputs; i < inputs; i++, at++) {
        const value = w[at];
        a += x[x0 + i] * value;
        b += x[x1 + i] * value;
        c += x[x2 + i] * value;
        d += x[x3 + i] * value;
      }
      y[y0] = a;
      y[y0 + outputs] = b;
      y[y0 + 2 * outputs] = c;
      y[y0 + 3 * outputs] = d;
    }
  }
  for (; row < end; row++) {
    for (let j = 0; j < outputs; j++) {
      let sum = bias ? bias[j] : 0;
      for (let i = 0, from = row * inputs, at = j * inputs; i < inputs; i++) sum += x[from + i] * w[at + i];
      y[row * outputs + j] = sum;
    }
  }
}

/** A normalization: with a mean and perhaps a bias (layer norm), or by the root mean square alone (RMS norm).
 *  @typedef {{weight: Float32Array, bias: Float32Array | undefined, centered: boolean, epsilon: number}} Norm */

/** The mean that a norm takes from a row, and the factor that it then multiplies with.
 *  @param {Norm} norm @param {ArrayLike<number>} x @param {number} from @returns {{mean: number, scale: number}} */
function statistics(norm, x, from) {
  const width = norm.weight.length;
  let sum = 0, squares = 0;
  if (norm.centered) for (let i = 0; i < width; i++) sum += x[from + i];
  const mean = sum / width;
  for (let i = 0; i < width; i++) squares += (x[from + i] - mean) ** 2;
  return { mean, scale: 1 / Math.sqrt(squares / width + norm.epsilon) };
}

/** The normalized rows from `first` up to `end`.
 *  @param {Norm} norm @param {Float32Array} x @param {Float32Array} y @param {number} first @param {number} end */
function normalize(norm, x, y, first, end) {
  const { weight, bias } = norm, width = weight.length;
  for (let row = first; row < end; row++) {
    const from = row * width, { mean, scale } = statistics(norm, x, from);
    for (let i = 0; i < width; i++) y[from + i] = (x[from + i] - mean) * scale * weight[i] + (bias ? bias[i] : 0);
  }
}

/** The Gaussian error linear unit in its tanh form (Hendrycks and Gimpel 2016), by one exponential. @param {number} x */
function gelu(x) { return x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))); }

/** @param {number} x */
function silu(x) { return x / (1 + Math.exp(-x)); }

/** Turns scores into weights that sum to 1, in place. @param {Float32Array} scores
 *  @returns {number} the logarithm of the sum of their exponentials */
function softmax(scores) {
  let most = -Infinity, sum = 0;
  for (const score of scores) if (score > most) most = score;
  for (const score of scores) sum += Math.exp(score - most);
  for (let i = 0; i < scores.length; i++) scores[i] = Math.exp(scores[i] - most) / sum;
  return most + Math.log(sum);
}

/** @param {Float32Array} a @param {number} from @param {Float32Array} b @param {number} at @param {number} count @returns {number} */
function dot(a, from, b, at, count) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += a[from + i] * b[at + i];
  return sum;
}
