// Where a character stands, and which characters stand before it, as numbers.

/** Sinusoids (Vaswani et al. 2017, section 3.5), as strong as a new model's embedding. Shape: (T, C)
 *  @param {number} context @param {number} width @returns {Float32Array} */
function sinusoids(context, width) {
  const table = new Float32Array(context * width), scale = 0.02 * Math.SQRT2;
  const periods = Array.from({ length: width }, (_, c) => 10000 ** ((c - c % 2) / width));
  for (let t = 0; t < context; t++) {
    for (let c = 0; c < width; c++) {
      const angle = t / periods[c];
      table[t * width + c] = scale * (c % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
  return table;
}

/** The rotations of queries and keys (RoPE: Su et al. 2021): of each position D/2 cosines, then the sines. Shape: (T, D)
 *  @param {number} context @param {number} headWidth @returns {Float32Array} */
function rotations(context, headWidth) {
  const table = new Float32Array(context * headWidth), half = headWidth / 2;
  const periods = Array.from({ length: half }, (_, i) => 10000 ** (2 * i / headWidth));
  for (let t = 0; t < context; t++) {
    for (let i = 0; i < half; i++) {
      const angle = t / periods[i];
      table[t * headWidth + i] = Math.cos(angle);
      table[t * headWidth + half + i] = Math.sin(angle);
    }
  }
  return table;
}

/** Rows of a table in which n-grams share rows. */
const hashedRows = 2 ** 14;

/**
 * The row of the n-gram that ends at q; before the first token stands one of its own, V. Where there are more n-grams than
 * `hashedRows`, the row is a hash (Knuth, volume 3, section 6.4).
 * @param {Int32Array} tokens @param {number} q @param {number} order @param {number} vocabulary V @returns {number}
 */
function rowOf(tokens, q, order, vocabulary) {
  let key = 0n;
  for (let back = order - 1; back > 0; back--) {
    key = key * BigInt(vocabulary + 1) + BigInt(q >= back ? tokens[q - back] : vocabulary);
  }
  key = key * BigInt(vocabulary) + BigInt(tokens[q]);
  if (vocabulary * (vocabulary + 1) ** (order - 1) <= hashedRows || order === 1) return Number(key);
  return Number(BigInt.asUintN(64, BigInt.asUintN(64, key) * 0x9e3779b97f4a7c15n) >> 50n);
}
