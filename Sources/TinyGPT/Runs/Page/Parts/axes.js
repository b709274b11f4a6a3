// Axes: from numbers to places on a chart, and the numbers worth writing beside it.

/**
 * An axis from the number `low` at the place `from` to the number `high` at the place `to`.
 * @param {number} low @param {number} high @param {number} from @param {number} to @param {boolean} isLog
 */
function makeAxis(low, high, from, to, isLog) {
  const turn = isLog ? Math.log : (/** @type {number} */ value) => value;
  const [start, end] = [turn(low), turn(high)], size = end - start || 1;
  return {
    low, high,
    /** @param {number} value */
    at: value => from + (turn(value) - start) / size * (to - from),
    /** @param {number} place */
    back: place => {
      const value = start + (place - from) / (to - from) * size;
      return isLog ? Math.exp(value) : value;
    },
    ticks: (/** @type {number} */ most) => isLog && high / low > 8 ? logTicks(low, high, most) : evenTicks(low, high, most),
  };
}

/** Round numbers at even distances. @param {number} low @param {number} high @param {number} most @returns {number[]} */
function evenTicks(low, high, most) {
  const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(step => step >= rough * 0.999) ?? 10 * power;
  const first = Math.ceil(low / step - 1e-9), ticks = [];
  for (let i = first; i * step <= high + step * 1e-9; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** Powers of ten, with their halves and fifths where there is room. @param {number} low @param {number} high @param {number} most */
function logTicks(low, high, most) {
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      ticks.push(...factors.map(factor => factor * 10 ** power).filter(tick => tick >= low * 0.999 && tick <= high * 1.001));
    }
    if (ticks.length <= most || factors.length === 1) return ticks;
  }
}

/** @param {number} tick */
function tickText(tick) {
  const size = Math.abs(tick);
  return size >= 1e4 ? String(Number((tick / 1000).toPrecision(4))) + "k" : size > 0 && size < 1e-3 ? tick.toExponential(0) : String(tick);
}
