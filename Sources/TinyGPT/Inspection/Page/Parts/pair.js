// The arithmetic of a pair, in a box beside its cell, and what the head carries from there.

function drawPair() {
  const card = byId("pair"), pair = state.pair;
  card.hidden = !reading || !pair || state.panel !== "map";
  if (card.hidden) return;
  const [query, key] = pair, title = element("h3");
  title.append(keycap(reading.characters[query]), " takes ", element("b", percent(weight(query, key))), " from ",
    keycap(reading.characters[key]), query === key ? ", itself" : `, ${query - key} back`);
  const close = element("button", "×", "close");
  close.setAttribute("aria-label", "close");
  close.addEventListener("click", () => { change({ pair: null }); mapCanvas.focus(); });
  const body = state.view === "head" ? [...arithmetic(query, key), ...carried(query, key)]
    : [element("p", `${viewName()}: ${weight(query, key).toFixed(4)}.`)];
  card.replaceChildren(close, title, ...body);
  placeCard(card, query);
}

/** From query and key to the weight. @param {number} query @param {number} key @returns {HTMLElement[]} */
function arithmetic(query, key) {
  const { layer, head } = state, q = reading.vector(layer, head, query, 0), k = reading.vector(layer, head, key, 1);
  if (!q || !k) return [element("p", "The vectors of this text were not kept.", "hint")];
  let product = 0;
  for (let c = 0; c < q.length; c++) product += q[c] * k[c];
  const score = product / Math.sqrt(q.length), sum = Math.exp(reading.logSum(layer, head, query)), result = Math.exp(score) / sum;
  const list = element("dl", null, "arithmetic"), whole = weightIn(reading.weights(layer, head), query, key);
  /** @type {[string, string][]} */
  const lines = [
    [`query · key, ${q.length} channels`, product.toFixed(4)],
    [`score = … / √${q.length}`, score.toFixed(4)],
    ["e^score", Math.exp(score).toPrecision(5)],
    [`their sum, ${query + 1} of them`, sum.toPrecision(5)],
    ["weight", result.toFixed(4)],
  ];
  if (state.skip) lines.push(["without the first character", whole.toFixed(4)]);
  for (const [what, value] of lines) list.append(element("dt", what), element("dd", value));
  const details = element("details"), table = element("table"), header = element("tr");
  header.append(...["channel", "query", "key", "product"].map(title => element("th", title)));
  table.append(header, ...Array.from(q, (value, c) =>
    tableRow(String(c), value.toFixed(4), k[c].toFixed(4), (value * k[c]).toFixed(4))));
  details.append(element("summary", "every channel"), table);
  return [list, details];
}

/** What the head moves from a character: its value through the output matrix and the LM head. @param {number} query @param {number} key
 *  @returns {HTMLElement[]} */
function carried(query, key) {
  if (!model) return [];
  const effect = moves(model, state.layer, state.head, /** @type {LiveReading} */ (reading).run, key, query);
  const lowest = likeliest(Float32Array.from(effect, value => -value), 5), line = element("p", null, "carried");
  const chips = (/** @type {Guess[]} */ guesses) => guesses.map(([token]) => keycap(shape.vocabulary[token]));
  line.append("What it takes from there raises ", ...chips(likeliest(effect, 5)), " and lowers ", ...chips(lowest), ".");
  return [line];
}

/** Beside the row, where the map is empty: on the other side of the diagonal. @param {HTMLElement} card @param {number} query */
function placeCard(card, query) {
  const { left, size } = cells, x = Math.max(0, mapCanvas.parentElement.clientWidth - card.offsetWidth);
  card.style.left = `${x}px`;
  card.style.top = `${Math.max(0, Math.min(query * size, x - left) - card.offsetHeight - 4)}px`;
}
