// What a layer computes, row by row; a row is a position of the text. Sums are in double precision.

/**
 * A layer's matrix with the weights of each output beside each other, and its bias. Shape: weight (outputs, inputs), bias (outputs)
 * @typedef {{weight: Float32Array, bias: Float32Array | undefined, inputs: number, outputs: number}} Linear
 */

/**
 * `x W + b` for the rows from `first` up to `end`. Four rows share each weight that is read, and two outputs each input; a single
 * row is computed four outputs at a time, which do not wait for each other. Each sum has the same order in both.
 * @param {Linear} layer @param {Float32Array} x @param {Float32Array} y @param {number} first @param {number} end
 */
function linear(layer, x, y, first, end) {
  let row = first;
  for (; row + 4 <= end; row += 4) fourRows(layer, x, y, row);
  for (; row < end; row++) oneRow(layer, x, y, row);
}

/** @param {Linear} layer @param {Float32Array} x @param {Float32Array} y @param {number} row */
function fourRows(layer, x, y, row) {
  const { weight: w, bias, inputs, outputs } = layer;
  const x0 = row * inputs, x1 = x0 + inputs, x2 = x1 + inputs, x3 = x2 + inputs;
  let j = 0;
  for (; j + 2 <= outputs; j += 2) {
    let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    for (let i = 0, at = j * inputs; i < inputs; i++, at++) {
      const one = w[at], two = w[at + inputs], p = x[x0 + i], q = x[x1 + i], r = x[x2 + i], s = x[x3 + i];
      a += p * one; b += q * one; c += r * one; d += s * one;
      e += p * two; f += q * two; g += r * two; h += s * two;
    }
    const bias0 = bias ? bias[j] : 0, bias1 = bias ? bias[j + 1] : 0, to = row * outputs + j;
    y[to] = a + bias0; y[to + outputs] = b + bias0; y[to + 2 * outputs] = c + bias0; y[to + 3 * outputs] = d + bias0;
    y[to + 1] = e + bias1; y[to + outputs + 1] = f + bias1; y[to + 2 * outputs + 1] = g + bias1; y[to + 3 * outputs + 1] = h + bias1;
  }
  for (; j < outputs; j++) for (let r = row; r < row + 4; r++) oneOutput(layer, x, y, r, j);
}

/** @param {Linear} layer @param {Float32Array} x @param {Float32Array} y @param {number} row */
function oneRow(layer, x, y, row) {
  const { weight: w, bias, inputs, outputs } = layer, from = row * inputs, to = row * outputs;
  let j = 0;
  for (; j + 4 <= outputs; j += 4) {
    let a = 0, b = 0, c = 0, d = 0;
    for (let i = 0, at = j * inputs; i < inputs; i++, at++) {
      const value = x[from + i];
      a += value * w[at]; b += value * w[at + inputs]; c += value * w[at + 2 * inputs]; d += value * w[at + 3 * inputs];
    }
    y[to + j] = a + (bias ? bias[j] : 0);
    y[to + j + 1] = b + (bias ? bias[j + 1] : 0);
    y[to + j + 2] = c + (bias ? bias[j + 2] : 0);
    y[to + j + 3] = d + (bias ? bias[j + 3] : 0);
  }
  for (; j < outputs; j++) oneOutput(layer, x, y, row, j);
}

/** @param {Linear} layer @param {Float32Array} x @param {Float32Array} y @param {number} row @param {number} j */
function oneOutput(layer, x, y, row, j) {
  const { weight, bias, inputs, outputs } = layer;
  y[row * outputs + j] = dot(x, row * inputs, weight, j * inputs, inputs) + (bias ? bias[j] : 0);
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
