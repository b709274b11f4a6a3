// The weights of the model, out of the text that the page carries them in.

/**
 * A model as the page's data describe it; its weights follow one after another in the order of `parameters`.
 * @typedef {{architecture: "classic" | "modern", layers: number, heads: number, width: number, context: number,
 *   vocabulary: string[], precision: "f32" | "f16", parameters: {name: string, shape: number[]}[]}} Description
 */

/** @param {string} text base64 @returns {Uint8Array} */
function bytesOf(text) {
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Little-endian numbers of 32 or 16 bits. @param {Uint8Array} bytes @param {"f32" | "f16"} precision @returns {Float32Array} */
function floatsOf(bytes, precision) {
  const size = precision === "f16" ? 2 : 4, count = Math.floor(bytes.length / size);
  if (precision === "f32" && new Uint8Array(new Uint32Array([1]).buffer)[0] === 1) return new Float32Array(bytes.buffer, 0, count);
  const view = new DataView(bytes.buffer), values = new Float32Array(count);
  if (precision === "f32") for (let i = 0; i < count; i++) values[i] = view.getFloat32(4 * i, true);
  else {
    // Looked up, a tenth of the time of computing each.
    halves ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => halfOf(bits));
    for (let i = 0; i < count; i++) values[i] = halves[view.getUint16(2 * i, true)];
  }
  return values;
}

/** All numbers of 16 bits. @type {Float32Array | null} */
let halves = null;


/** The number of 16 bits: a sign, 5 bits of exponent, 10 of fraction (IEEE 754 binary16). @param {number} bits @returns {number} */
function halfOf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = (bits & 1023) / 1024;
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}

/** The parameters of a model by their names. @param {Description} description @param {string} weights base64
 *  @returns {Map<string, Float32Array>} */
function parametersOf(description, weights) {
  const values = floatsOf(bytesOf(weights), description.precision), parameters = new Map();
  let next = 0;
  for (const { name, shape } of description.parameters) {
    const count = shape.reduce((product, size) => product * size, 1);
    parameters.set(name, values.subarray(next, next + count));
    next += count;
  }
  if (next !== values.length) {
    throw new Error(`This page is damaged: it has ${values.length} of the model's ${next} weights. Make it again.`);
  }
  return parameters;
}
