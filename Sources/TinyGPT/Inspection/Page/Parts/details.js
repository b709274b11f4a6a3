// What is said about the character that is shown: in a sentence, as bars, as a table, and as arithmetic.

/** @param {string} tag @param {string} [text] @param {string} [className] @returns {HTMLElement} */
function element(tag, text, className) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

/** A bar for each probability. @param {[string, number][]} rows @returns {HTMLElement} */
function bars(rows) {
  const list = element("dl", undefined, "bars");
  for (const [name, value] of rows) {
    const cell = element("dd"), bar = element("div", undefined, "bar");
    bar.style.width = `${Math.max(0.5, 100 * value)}%`;
    cell.append(bar);
    list.append(element("dt", name), cell, element("dd", percent(value)));
  }
  return list;
}

function drawDetails() {
  const at = shown(), key = state.direction === "to" ? strongest(at) : null;
  document.getElementById("shown").textContent = viewName();
  const spread = state.direction === "to"
    ? `looks most at ${nameOf(key)} at ${key}: ${percent(weight(at, key))}` : lookedAtBy(at);
  const other = state.pinned === null ? null : partner();
  document.getElementById("status").textContent = `${nameOf(at)} at ${at} ${spread}.`
    + (other === null ? "" : ` ${state.direction === "to" ? pairText(at, other) : pairText(other, at)}.`);
  drawAbout(at);
  drawArithmetic(at);
  drawTable(at);
}

/** The character that looks at one most. @param {number} at */
function lookedAtBy(at) {
  let [best, most, sum] = [at, 0, 0];
  for (let query = at; query < state.written; query++) {
    const value = weight(query, at);
    sum += value;
    if (value > most) [best, most] = [query, value];
  }
  return `is looked at most by ${nameOf(best)} at ${best}: ${percent(most)}; by all together ${sum.toFixed(2)}`;
}

/** @param {number} at */
function drawAbout(at) {
  const about = document.getElementById("about"), token = (/** @type {number} */ t) => visible(data.vocabulary[t]);
  const first = element("div"), next = element("div"), lens = element("div");
  const bits = data.surprise[at];
  first.append(element("h3", `Surprise of ${nameOf(at)}`));
  first.append(element("p", bits === null ? "the first character is not predicted"
    : `${bits.toFixed(2)} bits: it ${at >= data.written ? "was drawn with" : "had"} ${percent(2 ** -bits)}`));
  // What the model wrote was drawn after temperature, top-k and top-p.
  next.append(element("h3", at >= data.written - 1 && data.written < count ? "The next was drawn from" : "Expected next"), bars(data.next[at].map((/** @type {Guess} */ g) => [token(g[0]), g[1]])));
  about.replaceChildren(first, next);
  if (!data.lens) return;
  lens.append(element("h3", "The guess after each layer"), bars(data.lens.map(
    (/** @type {Guess[]} */ layer, /** @type {number} */ l) => [`${l} ${token(layer[at][0])}`, layer[at][1]])));
  about.append(lens);
}

/** The pair whose arithmetic is shown: query and key. @param {number} at @returns {[number, number]} */
function pairOf(at) {
  const other = partner();
  return state.direction === "to" ? [at, other ?? strongest(at)] : [other ?? at, at];
}

/** @param {number} at */
function drawArithmetic(at) {
  const box = /** @type {HTMLDetailsElement} */ (document.getElementById("arithmetic")), body = box.querySelector("div");
  if (!box.open) return;
  if (!data.vectors || state.view !== "head" || state.moment !== moments.length - 1) {
    return body.replaceChildren(element("p", !data.vectors
      ? "The vectors of this text were not kept." : "Arithmetic is shown only for a single head at the end of the training."));
  }
  const [query, key] = pairOf(at), q = vectorOf(state.layer, state.head, query, 0), k = vectorOf(state.layer, state.head, key, 1);
  const table = element("table"), head = table.createTHead().insertRow(), rowOf = tbodyRows(table);
  for (const name of ["channel", "q", "k", "q k"]) head.append(element("th", name));
  let sum = 0;
  q.forEach((value, c) => {
    sum += value * k[c];
    rowOf(String(c), value.toFixed(4), k[c].toFixed(4), (value * k[c]).toFixed(4));
  });
  const score = sum / Math.sqrt(data.width), logSum = logSums[(state.layer * data.heads + state.head) * count + query];
  const text = [
    `${nameOf(query)} at ${query} looks at ${nameOf(key)} at ${key} in ${viewName()}`,
    ...(data.vectors.rotated ? ["q and k are normalized, and rotated by an angle that grows with the position (RoPE)"] : []),
    `sum of q k = ${sum.toFixed(4)}`,
    `score = ${sum.toFixed(4)} / √${data.width} = ${score.toFixed(4)}`,
    `sum of e^score over the ${query + 1} characters it may look at = ${Math.exp(logSum).toPrecision(6)}`,
    `weight = e^${score.toFixed(4)} / ${Math.exp(logSum).toPrecision(6)} = ${Math.exp(score - logSum).toFixed(4)}`,
  ];
  body.replaceChildren(...text.map((line, i) => element("p", line, i ? "" : "hint")), table);
}

/** @param {HTMLTableElement} table @returns {(...cells: string[]) => HTMLTableRowElement} */
function tbodyRows(table) {
  const body = table.createTBody();
  return (...cells) => {
    const row = body.insertRow();
    for (const cell of cells) row.insertCell().textContent = cell;
    return row;
  };
}

/** @param {number} at */
function drawTable(at) {
  const box = /** @type {HTMLDetailsElement} */ (document.getElementById("table"));
  if (!box.open) return;
  const table = element("table"), head = table.createTHead().insertRow(), rowOf = tbodyRows(table);
  table.createCaption().textContent = `${viewName()}: ${nameOf(at)} at ${at} ${state.direction === "to" ? "looks at" : "is looked at by"}`;
  for (const name of ["position", "character", "weight"]) head.append(element("th", name));
  const [from, to] = state.direction === "to" ? [data.starts[at], at] : [at, state.written - 1];
  for (let i = from; i <= to; i++) {
    rowOf(String(i), nameOf(i), (state.direction === "to" ? weight(at, i) : weight(i, at)).toFixed(4));
  }
  box.querySelector("div").replaceChildren(table);
}
