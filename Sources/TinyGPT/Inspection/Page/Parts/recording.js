// A recording: the attention on one text, quantized, of a model that is too large for a page, at several steps of a training, or
// of a text while it was sampled.

/** @typedef {{count: number, lengths: string, bits: string}} Packed */

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

/** What each byte stands for: 255 times the square root of the weight. */
const weightOfByte = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255) ** 2);

/** The weights at each moment of a training as bytes, as far as they were asked for. @type {Uint8Array[]} */
const quantized = [];

/** All weights at a moment as bytes: those of the last are stored whole, those before as differences from the next.
 *  @param {any} data the page's data @param {number} moment @returns {Uint8Array} */
function quantizedAt(data, moment) {
  const last = (data.history?.length ?? 1) - 1;
  quantized[last] ??= unpack(data.maps);
  for (let i = last - 1; i >= moment; i--) {
    // Bytes add up modulo 256.
    quantized[i] ??= unpack(data.history[i].maps).map((difference, place) => quantized[i + 1][place] + difference);
  }
  return quantized[moment];
}

/** The text of a recording, with the model at one moment of its training. @implements {Reading} */
class Recording {
  /** @param {any} data the page's data @param {number} moment */
  constructor(data, moment) {
    const snapshot = data.history ? data.history[moment] : data;
    this.start = 0;
    this.isWhole = data.starts.every((/** @type {number} */ start) => start === 0);
    this.count = data.tokens.length;
    this.tokens = Int32Array.from(data.tokens);
    this.characters = data.tokens.map((/** @type {number} */ token) => data.vocabulary[token]);
    this.data = data;
    /** What a snapshot has kept besides its maps; what it has not is the last model's, and not shown beside an earlier one. */
    const isLast = !data.history || moment === data.history.length - 1;
    this.kept = {
      next: snapshot.next ?? (isLast ? data.next : null), lens: snapshot.lens ?? (isLast ? data.lens : null),
      surprise: snapshot.surprise ?? (isLast ? data.surprise : null), isLast,
    };
    this.bytes = quantizedAt(data, moment);
    /** Where the row of each character begins in a map; the last entry is the size of a map. @type {number[]} */
    this.rows = [0];
    for (let q = 0; q < this.count; q++) this.rows.push(this.rows[q] + q - data.starts[q] + 1);
    /** @type {Map<string, Float32Array>} */
    this.triangles = new Map();
    /** Unpacked when they are first asked for. @type {Float32Array | null} */
    this.scales = null;
    /** @type {Int8Array | null} */
    this.numbers = null;
    /** @type {Float32Array | null} */
    this.sums = null;
  }

  /** @param {number} q */
  firstKey(q) { return this.data.starts[q]; }

  /** The weights of a head, row after row; 0 for characters that were out of sight. @param {number} layer @param {number} head */
  weights(layer, head) {
    const name = `${layer}.${head}`, known = this.triangles.get(name);
    if (known) return known;
    const triangle = new Float32Array(this.count * (this.count + 1) / 2);
    const from = (layer * this.data.heads + head) * this.rows[this.count];
    for (let q = 0; q < this.count; q++) {
      const first = this.data.starts[q], row = q * (q + 1) / 2;
      for (let k = first; k <= q; k++) triangle[row + k] = weightOfByte[this.bytes[from + this.rows[q] + k - first]];
    }
    this.triangles.set(name, triangle);
    return triangle;
  }

  /** @param {number} q @returns {Guess[] | null} */
  next(q) { return this.kept.next?.[q] ?? null; }

  /** @param {number} q @param {number} token @returns {number | null} */
  probability(q, token) { return (this.next(q) ?? []).find(guess => guess[0] === token)?.[1] ?? null; }

  /** @param {number} q @returns {number | null} */
  surprise(q) { return this.kept.surprise?.[q] ?? null; }

  /** @param {number} layer @param {number} q @returns {Guess[] | null} */
  lens(layer, q) {
    const kept = this.kept.lens?.[layer]?.[q];
    // Where only the likeliest was kept, it is not in a list.
    return !kept ? null : Array.isArray(kept[0]) ? kept : [kept];
  }

  /** In nats per character. @returns {number | null} */
  loss() {
    const bits = this.kept.surprise?.filter((/** @type {number | null} */ bits) => bits !== null) ?? [];
    return bits.length ? bits.reduce((/** @type {number} */ sum, /** @type {number} */ b) => sum + b, 0) / bits.length * Math.LN2 : null;
  }

  /** The query or key vector of a character. @param {number} layer @param {number} head @param {number} position
   *  @param {0 | 1} part 0 for the query, 1 for the key @returns {Float32Array | null} */
  vector(layer, head, position, part) {
    const vectors = this.data.vectors, width = this.data.width;
    if (!vectors || !this.kept.isLast) return null;
    this.scales ??= new Float32Array(bytesOf(vectors.scales).buffer);
    this.numbers ??= new Int8Array(unpack(vectors.packed).buffer);
    const index = ((layer * this.data.heads + head) * this.count + position) * 2 + part;
    const scale = this.scales[index] / 127;
    return Float32Array.from(this.numbers.subarray(index * width, (index + 1) * width), n => n * scale);
  }

  /** @param {number} layer @param {number} head @param {number} q @returns {number} */
  logSum(layer, head, q) {
    this.sums ??= new Float32Array(bytesOf(this.data.logSums).buffer);
    return this.sums[(layer * this.data.heads + head) * this.count + q];
  }
}
