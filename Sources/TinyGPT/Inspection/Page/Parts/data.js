// The data of the page: unpacked once, and read through `weight`.

/** @typedef {{count: number, lengths: string, bits: string}} Packed */
/** @typedef {[number, number]} Guess a token and its probability */

const data = JSON.parse(document.getElementById("data").textContent);
const count = data.tokens.length;
/** The characters of the text. @type {string[]} */
const characters = data.tokens.map((/** @type {number} */ token) => data.vocabulary[token]);

/** @param {string} text base64 @returns {Uint8Array} */
function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Undoes a canonical Huffman code with a table of all codes of up to 15 bits. @param {Packed} packed @returns {Uint8Array} */
function unpack(packed) {
  const lengths = bytesOf(packed.lengths), bits = bytesOf(packed.bits), limit = 15;
  const symbols = new Uint8Array(1 << limit), used = new Uint8Array(1 << limit);
  let code = 0;
  for (let length = 1; length <= limit; length++) {
    for (let symbol = 0; symbol < 256; symbol++) {
      if (lengths[symbol] !== length) continue;
      const first = code << (limit - length);
      symbols.fill(symbol, first, first + (1 << (limit - length)));
      used.fill(length, first, first + (1 << (limit - length)));
      code++;
    }
    code <<= 1;
  }
  const out = new Uint8Array(packed.count);
  let pending = 0, held = 0, next = 0;
  for (let i = 0; i < out.length; i++) {
    while (held < limit) {
      pending = ((pending << 8) | (next < bits.length ? bits[next] : 0)) & 0x7fffff;
      next++;
      held += 8;
    }
    const index = (pending >> (held - limit)) & ((1 << limit) - 1);
    out[i] = symbols[index];
    held -= used[index];
  }
  return out;
}

/** Where the row of each character begins in a map; the last entry is the size of a map. @type {number[]} */
const rows = [0];
for (let q = 0; q < count; q++) rows.push(rows[q] + q - data.starts[q] + 1);
const mapSize = rows[count];
/** Whether every character saw all before it, as in a text that was read in one piece. */
const isWhole = data.starts.every((/** @type {number} */ start) => start === 0);

/** The bytes of all maps at each step of the training; without a history there is one. @type {(Uint8Array | null)[]} */
const moments = data.history ? data.history.map(() => null) : [unpack(data.maps)];

/** @param {number} moment @returns {Uint8Array} */
function mapsAt(moment) {
  return moments[moment] ??= unpack(data.history[moment].maps);
}

/** What each byte stands for: 255 times the square root of the weight. */
const weightOfByte = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255) ** 2);

/** The weights of one head. @param {number} moment @param {number} layer @param {number} head @returns {Float32Array} */
function headWeights(moment, layer, head) {
  const start = (layer * data.heads + head) * mapSize;
  return mapsAt(moment).subarray(start, start + mapSize).reduce((all, byte, i) => { all[i] = weightOfByte[byte]; return all; },
    new Float32Array(mapSize));
}

/** The mean of a layer's heads. @param {number} moment @param {number} layer @returns {Float32Array} */
function averageWeights(moment, layer) {
  const sum = new Float32Array(mapSize), maps = mapsAt(moment);
  for (let head = 0; head < data.heads; head++) {
    const start = (layer * data.heads + head) * mapSize;
    for (let i = 0; i < mapSize; i++) sum[i] += weightOfByte[maps[start + i]] / data.heads;
  }
  return sum;
}

/**
 * What reaches a character from the text through all layers up to this one, if half of every layer is attention, averaged over
 * its heads, and half is the residual connection (Abnar and Zuidema 2020).
 * @param {number} moment @param {number} layer @returns {Float32Array}
 */
function rolloutWeights(moment, layer) {
  let flow = new Float32Array(mapSize);
  for (let q = 0; q < count; q++) flow[rows[q] + q] = 1;
  for (let l = 0; l <= layer; l++) {
    const average = averageWeights(moment, l), next = new Float32Array(mapSize);
    for (let q = 0; q < count; q++) {
      for (let via = 0; via <= q; via++) {
        const part = 0.5 * average[rows[q] + via] + (via === q ? 0.5 : 0);
        if (part < 1e-7) continue;
        for (let k = 0; k <= via; k++) next[rows[q] + k] += part * flow[rows[via] + k];
      }
    }
    flow = next;
  }
  return flow;
}

/** The query or key vector of a character. @param {number} layer @param {number} head @param {number} position
 *  @param {0 | 1} part 0 for the query, 1 for the key @returns {number[]} */
const vectorOf = (() => {
  if (!data.vectors) return () => [];
  const scales = new Float32Array(bytesOf(data.vectors.scales).buffer);
  const numbers = data.vectors.bits === 16
    ? new Int16Array(bytesOf(data.vectors.plain).buffer) : new Int8Array(unpack(data.vectors.packed).buffer);
  const largest = data.vectors.bits === 16 ? 32767 : 127;
  return (layer, head, position, part) => {
    const vector = ((layer * data.heads + head) * count + position) * 2 + part;
    return Array.from(numbers.subarray(vector * data.width, (vector + 1) * data.width), n => n / largest * scales[vector]);
  };
})();
const logSums = data.logSums ? new Float32Array(bytesOf(data.logSums).buffer) : null;
