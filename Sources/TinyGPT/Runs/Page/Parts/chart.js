// A chart: lines over the steps or the time of training, with the values wherever the pointer or the arrow keys are.

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {string} color a color of CSS
 * @property {Numbers} steps rising
 * @property {Numbers} seconds rising
 * @property {Numbers} values
 * @property {Numbers} [lowest] of the steps that a point stands for
 * @property {Numbers} [highest]
 * @property {boolean} [isRough] shown smoothed, over what it is
 * @property {boolean} [hasDots]
 * @property {string} [dash] of SVG
 * @property {boolean} [isHidden]
 *
 * @typedef {object} ChartOptions
 * @property {string} title
 * @property {string} [note]
 * @property {Series[]} series
 * @property {{ name: string, value: number }[]} [levels] numbers to compare with
 * @property {number} height in pixels
 * @property {boolean} [canBeLog]
 * @property {boolean} [fromZero]
 * @property {(value: number | null) => string} text
 * @property {(at: number) => void} [pick] called with the place that was clicked
 */

/** @param {HTMLElement} box @param {ChartOptions} options */
function makeChart(box, options) {
  const drawing = shape("svg", { tabindex: 0, role: "application", height: options.height, class: "chart" });
  const tip = element("div", { class: "tip", "aria-hidden": "true" }), words = element("p", { class: "unseen", role: "status" });
  const title = element("figcaption", {}, element("b", {}, options.title), " ", element("span", {}, options.note ?? ""));
  box.replaceChildren(title, element("div", { class: "plot" }, drawing, tip), words);
  /** @type {any} */ let lines = [];
  /** @type {any} */ let [xAxis, yAxis] = [null, null];
  const marks = shape("g", { class: "marks" }), selected = shape("rect", { class: "selected" });
  let [width, left, right, top, bottom] = [0, 46, 10, 10, 24];

  /** What a series shows in this view. @param {Series} series */
  function lineOf(series) {
    const all = view.axis === "time" ? series.seconds : series.steps;
    const values = series.isRough && view.smooth > 0 ? smoothed(series.values, view.smooth) : series.values;
    const isShown = (/** @type {number} */ i) => all[i] !== null && values[i] !== null && !(view.logX && all[i] <= 0)
      && !(isLog() && values[i] <= 0) && (view.from === null || (all[i] >= view.from && all[i] <= view.to));
    const places = all.map((_, i) => i).filter(isShown);
    return { series, values, places, xs: places.map(i => all[i]) };
  }

  function isLog() { return view.logY && !!options.canBeLog; }

  function levels() { return view.yardsticks && options.levels ? options.levels : []; }

  function drawChart() {
    width = box.clientWidth;
    right = options.levels?.length && view.yardsticks ? 84 : 10;
    drawing.setAttribute("width", String(width));
    lines = options.series.filter(series => !series.isHidden).map(lineOf);
    const xs = lines.flatMap(line => [line.xs[0], line.xs[line.xs.length - 1]]).filter(x => x !== undefined);
    const ys = lines.flatMap(line => line.places.flatMap(i => line.series.isRough && view.raw
      ? [line.values[i], line.series.values[i]] : [line.values[i]])).filter(y => y !== null && !(isLog() && y <= 0));
    drawing.replaceChildren();
    drawing.setAttribute("aria-label", label());
    if (!xs.length) {
      drawing.append(shape("text", { x: left, y: options.height / 2, class: "empty" }, "nothing to show yet"));
      [xAxis, yAxis] = [null, null];
      return;
    }
    let [low, high] = [smallest(xs), largest(xs)];
    if (low === high) [low, high] = view.logX ? [low / 2, high * 2] : [low - 1, high + 1];
    xAxis = makeAxis(low, high, left, width - right, view.logX);
    let [bottomValue, topValue] = [smallest(ys), largest(ys)];
    for (const level of levels()) [bottomValue, topValue] = [Math.min(bottomValue, level.value), Math.max(topValue, level.value)];
    if (options.fromZero && !isLog()) bottomValue = Math.min(0, bottomValue);
    const room = isLog() ? 0 : (topValue - bottomValue || Math.abs(topValue) || 1) * 0.04;
    const under = options.fromZero && bottomValue === 0 ? 0 : room;
    if (isLog()) [bottomValue, topValue] = [bottomValue / 1.03, topValue * 1.03];
    yAxis = makeAxis(bottomValue - under, topValue + room, options.height - bottom, top, isLog());
    drawAxes();
    drawLevels();
    for (const line of lines) drawLine(line);
    drawing.append(selected, marks);
    selected.setAttribute("width", "0");
    showCursor(cursor);
  }

  function drawAxes() {
    const grid = shape("g", { class: "axes", "aria-hidden": "true" });
    for (const tick of yAxis.ticks(options.height > 200 ? 7 : 4)) {
      const y = yAxis.at(tick);
      if (y < top - 1 || y > options.height - bottom + 1) continue;
      grid.append(shape("line", { x1: left, x2: width - right, y1: y, y2: y }),
        shape("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, tickText(tick)));
    }
    for (const tick of xAxis.ticks(Math.max(2, Math.floor((width - left - right) / 90)))) {
      const x = xAxis.at(tick), isLast = x > width - 24;
      grid.append(shape("text", { x, y: options.height - 6, "text-anchor": isLast ? "end" : "middle" },
        view.axis === "time" ? duration(tick) : tickText(tick)));
    }
    drawing.append(grid);
  }

  function drawLevels() {
    const group = shape("g", { class: "levels" }), all = [...levels()].sort((a, b) => b.value - a.value);
    let free = 0;
    const places = all.map(level => free = Math.max(free + 13, yAxis.at(level.value) + 4));
    // Those that would lie below the chart push the others up.
    for (let i = places.length - 1, most = options.height - bottom; i >= 0; i--, most -= 13) places[i] = Math.min(places[i], most);
    all.forEach((level, i) => {
      const y = yAxis.at(level.value), end = width - right;
      group.append(shape("path", { d: `M${left} ${y}H${end}L${end + 8} ${places[i] - 4}` }),
        shape("text", { x: end + 11, y: places[i] }, `${level.name} ${level.value.toFixed(2)}`));
    });
    drawing.append(group);
  }

  /** @param {any} line @param {Numbers} values */
  function path(line, values) {
    let text = "";
    line.places.forEach((/** @type {number} */ i, /** @type {number} */ k) => {
      if (values[i] === null || (isLog() && values[i] <= 0)) return;
      text += `${text ? "L" : "M"}${xAxis.at(line.xs[k]).toFixed(1)} ${yAxis.at(values[i]).toFixed(1)}`;
    });
    return text;
  }

  function drawLine(/** @type {any} */ line) {
    const { series, values } = line, inside = (/** @type {string} */ text) => text;
    const group = shape("g", { style: `--series: ${series.color}` });
    if (series.isRough && view.raw) {
      if (series.lowest && series.highest) group.append(shape("path", { class: "range", d: inside(area(line)) }));
      if (view.smooth > 0) group.append(shape("path", { class: "raw", d: path(line, series.values) }));
    }
    group.append(shape("path", { class: "line", d: path(line, values), "stroke-dasharray": series.dash ?? "none" }));
    if (series.hasDots && line.places.length < 60) {
      line.places.forEach((/** @type {number} */ i, /** @type {number} */ k) =>
        group.append(shape("circle", { class: "dot", cx: xAxis.at(line.xs[k]), cy: yAxis.at(values[i]), r: 3 })));
    }
    drawing.append(group);
  }

  /** Between the lowest and the highest step of each point. @param {any} line */
  function area(line) {
    const { series, places, xs } = line, limit = (/** @type {number} */ y) => Math.max(top, Math.min(options.height - bottom, y));
    const y = (/** @type {number | null} */ value, /** @type {number} */ other) =>
      limit(yAxis.at(value === null || (isLog() && value <= 0) ? other : value)).toFixed(1);
    const edge = (/** @type {Numbers} */ values) => places.map((/** @type {number} */ i, /** @type {number} */ k) =>
      `${xAxis.at(xs[k]).toFixed(1)} ${y(values[i], line.values[i])}`);
    return places.length > 1 ? "M" + [...edge(series.highest), ...edge(series.lowest).reverse()].join("L") + "Z" : "";
  }

  /** The chart in a sentence. */
  function label() {
    const parts = lines.filter(line => line.places.length).map(line => {
      const [first, last] = [line.places[0], line.places[line.places.length - 1]];
      return `${line.series.name} from ${options.text(line.values[first])} to ${options.text(line.values[last])}`;
    });
    return `${options.title}: ${parts.join("; ") || "nothing yet"}. Arrow keys read the values.`;
  }

  /** What all lines are at a place. @param {number} at */
  function readings(at) {
    return lines.filter(line => line.places.length).map(line => {
      const k = nearest(line.xs, at), i = line.places[k];
      return { line, x: line.xs[k], step: line.series.steps[i], seconds: line.series.seconds[i], value: line.values[i],
        raw: line.series.isRough && view.smooth > 0 ? line.series.values[i] : null };
    });
  }

  /** @param {number | null} at */
  function showCursor(at) {
    marks.replaceChildren();
    tip.hidden = at === null || !xAxis;
    if (tip.hidden) return;
    const all = readings(at), closest = all.reduce((best, one) => Math.abs(one.x - at) < Math.abs(best.x - at) ? one : best);
    const x = xAxis.at(closest.x);
    marks.append(shape("line", { x1: x, x2: x, y1: top, y2: options.height - bottom }));
    for (const one of all) {
      marks.append(shape("circle", { cx: xAxis.at(one.x), cy: yAxis.at(one.value), r: 4, style: `--series: ${one.line.series.color}` }));
    }
    const sorted = options.series.length > 3 ? [...all].sort((a, b) => a.value - b.value).slice(0, 12) : all;
    tip.replaceChildren(element("b", {}, `step ${closest.step}`), ` after ${duration(closest.seconds ?? 0)}`, ...sorted.map(one => {
      const own = one.step === closest.step ? "" : ` at step ${one.step}`;
      const rough = one.raw === null ? "" : ` (${options.text(one.raw)} unsmoothed)`;
      return element("div", { style: `--series: ${one.line.series.color}` }, element("i"), `${one.line.series.name} `,
        element("b", {}, options.text(one.value)), element("span", {}, `${rough}${own}`));
    }));
    const half = width / 2;
    tip.style.left = x > half ? "auto" : `${x + 14}px`;
    tip.style.right = x > half ? `${width - x + 14}px` : "auto";
    if (document.activeElement === drawing) words.textContent = tip.textContent;
  }

  /** @param {PointerEvent | MouseEvent} event */
  function placeOf(event) {
    const x = event.clientX - drawing.getBoundingClientRect().left;
    return Math.max(left, Math.min(width - right, x));
  }

  /** Where a drag has begun. @type {number | null} */
  let start = null;
  drawing.addEventListener("pointerdown", event => {
    if (xAxis && event.pointerType === "mouse" && event.button === 0) start = placeOf(event);
  });
  drawing.addEventListener("pointermove", event => {
    if (!xAxis) return;
    point(xAxis.back(placeOf(event)));
    if (start === null) return;
    const [from, to] = [start, placeOf(event)].sort((a, b) => a - b);
    for (const [key, value] of Object.entries({ x: from, width: to - from, y: top, height: options.height - top - bottom })) {
      selected.setAttribute(key, String(value));
    }
  });
  addEventListener("pointerup", event => {
    if (start === null) return;
    const ends = [start, placeOf(event)].sort((a, b) => a - b);
    start = null;
    selected.setAttribute("width", "0");
    if (ends[1] - ends[0] > 8) return change({ from: xAxis.back(ends[0]), to: xAxis.back(ends[1]) });
    if (options.pick) options.pick(xAxis.back(ends[1]));
  });
  drawing.addEventListener("pointerleave", () => { if (start === null) point(null); });
  drawing.addEventListener("dblclick", () => change({ from: null, to: null }));
  drawing.addEventListener("blur", () => point(null));
  drawing.addEventListener("keydown", event => {
    const xs = [...new Set(lines.flatMap(line => line.xs))].sort((a, b) => a - b);
    if (!xs.length || event.ctrlKey || event.metaKey || event.altKey) return;
    const i = cursor === null ? xs.length : nearest(xs, cursor), far = Math.ceil(xs.length / 10);
    const target = { ArrowLeft: i - 1, ArrowRight: i + 1, PageUp: i - far, PageDown: i + far, Home: 0, End: xs.length - 1 }[event.key];
    if (event.key === "Escape") point(null);
    if (target === undefined) return;
    event.preventDefault();
    point(xs[Math.max(0, Math.min(xs.length - 1, target))]);
  });
  drawings.push(drawChart);
  cursorListeners.push(showCursor);
  return { draw: drawChart, readings };
}

/** The extremes of many numbers; spread into Math.min they would overflow the stack. @param {number[]} numbers */
function smallest(numbers) { return numbers.reduce((least, number) => Math.min(least, number), Infinity); }
/** @param {number[]} numbers */
function largest(numbers) { return numbers.reduce((most, number) => Math.max(most, number), -Infinity); }
