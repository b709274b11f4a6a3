// Numbers as the page holds them, and as they are shown.

const data = JSON.parse(document.getElementById("data").textContent);

/** @typedef {(number | null)[]} Numbers null where there is none */

/** A column of numbers, of text in the page. @param {string} text @returns {Numbers} */
function column(text) { return text === "" ? [] : text.split(",").map(number => number === "" ? null : Number(number)); }

/**
 * A mean of the values around each one, twice. At the beginning, where losses fall fast, it is of fewer, as many on either side.
 * @param {Numbers} values @param {number} smoothing from 0 to below 1, as of a running mean that keeps so much at each step
 */
function smoothed(values, smoothing) {
  const reach = Math.round(smoothing / (1 - smoothing));
  const once = (/** @type {Numbers} */ values) => {
    const [sums, counts] = [[0], [0]];
    values.forEach((value, i) => {
      sums.push(sums[i] + (value ?? 0));
      counts.push(counts[i] + (value === null ? 0 : 1));
    });
    return values.map((value, i) => {
      const half = Math.min(i, reach), [from, to] = [i - half, Math.min(values.length, i + half + 1)];
      return value === null ? null : (sums[to] - sums[from]) / (counts[to] - counts[from]);
    });
  };
  return once(once(values));
}

/** Where the number nearest to another is, in numbers that rise. @param {Numbers} numbers @param {number} wanted */
function nearest(numbers, wanted) {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < wanted) low = middle + 1; else high = middle;
  }
  return low > 0 && wanted - numbers[low - 1] < numbers[low] - wanted ? low - 1 : low;
}

/** A few digits. @param {number | null} value */
function short(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1000) return count(value);
  return size === 0 || (size >= 0.01 && size < 1000) ? value.toFixed(size < 1 ? 3 : size < 100 ? 2 : 0) : value.toExponential(1);
}

/** @param {number | null} value a loss in nats */
function loss(value) { return value === null || value === undefined ? "–" : value.toFixed(4); }

/** 999, 22.4k, 1.2M. @param {number} value */
function count(value) {
  for (const [size, unit] of /** @type {[number, string][]} */ ([[1e9, "G"], [1e6, "M"], [1e3, "k"]])) {
    if (Math.abs(value) >= 0.99995 * size) return `${(value / size).toFixed(1)}${unit}`;
  }
  return value.toFixed(0);
}

/** 8.2 s, 44 s, 2 min 5 s, 3 h 20 min, 2 d 4 h. @param {number} seconds */
function duration(seconds) {
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  /** @type {[number, string, number, string][]} */
  const units = [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]];
  for (const [size, unit, part, partUnit] of units) {
    if (whole < size) continue;
    const rest = Math.floor(whole % size / part);
    return `${Math.floor(whole / size)} ${unit}` + (rest ? ` ${rest} ${partUnit}` : "");
  }
  return `${whole} s`;
}

/** A new element. @param {string} name @param {Record<string, string>} attributes @param {(Node | string)[]} children */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A new element of a drawing. @param {string} name @param {Record<string, string | number>} attributes @param {string} text */
function shape(name, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text) made.textContent = text;
  return made;
}
