// The arithmetic of a pair, in a box beside its cell, and what the head carries from there.

function drawPair() {
  const card = byId("pair"), pair = state.pair;
  // From where it was last it might widen the page.
  card.style.left = card.style.top = "0";
  card.hidden = !reading || !pair || state.panel !== "map";
  if (card.hidden) return;
  const [query, key] = pair, title = element("h3");
  title.append(keycap(reading.characters[query]), " takes ", element("b", percent(weight(query, key))), " from ",
    keycap(reading.characters[key]), query === key ? ", itself" : `, ${query - key} back`);
  const close = element("button", "×", "close");
  close.setAttribute("aria-label", "close");
  close.addEventListener("click", () => { change({ pair: null }); mapCanvas.focus({ preventScroll: true }); });
  const body = state.view === "head" ? [...arithmetic(query, key), ...carried(query, key)]
    : [element("p", `${viewName()}: ${weight(query, key).toFixed(4)}.`)];
  card.replaceChildren(close, title, ...body);
  placeCard(card, pair);
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

/** Above the row, where the map is empty, on the other side of the diagonal; below it where it would cover the cell or be out of sight.
 *  @param {HTMLElement} card @param {[number, number]} pair */
function placeCard(card, [query, key]) {
  const { left, size } = cells, place = mapCanvas.parentElement, height = card.offsetHeight, row = mapTop + query * size;
  const x = Math.max(0, place.clientWidth - card.offsetWidth), box = place.getBoundingClientRect();
  // What is seen of the map: on a phone the text is above it, and what comes next below.
  const isAtTop = getComputedStyle(paper).position === "sticky", echo = byId("echo").getBoundingClientRect();
  const top = Math.max(0, (isAtTop ? paper.getBoundingClientRect().bottom : 0) - box.top + 4);
  const end = (echo.height ? echo.top : innerHeight) - box.top - 4;
  let y = Math.max(top, Math.min(row, x - left) - height - 4);
  if (y + height > row && left + (key + 1) * size > x) y = row + size + 4;
  card.style.left = `${x}px`;
  card.style.top = `${Math.max(top, Math.min(y, end - height))}px`;
}
