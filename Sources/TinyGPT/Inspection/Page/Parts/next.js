// What comes next, how that guess forms from layer to layer, and which parts of the model add to it.

/** How many of the likeliest characters are shown. */
const guessesShown = 8;

/** The characters to show a bar for: the likeliest now, those that were likeliest before, and the one that follows in the text.
 *  @param {number} at @returns {number[]} */
function candidates(at) {
  const tokens = (reading.next(at) ?? []).map(guess => guess[0]);
  const follows = at + 1 < shownCount() ? reading.tokens[at + 1] : null;
  const before = reading === untouched ? [] : (untouched.next(at) ?? []).slice(0, 3).map(guess => guess[0]);
  const wanted = new Set([...before, ...(follows === null ? [] : [follows])]);
  const room = guessesShown - Array.from(wanted).filter(token => !tokens.slice(0, guessesShown).includes(token)).length;
  const chosen = tokens.slice(0, Math.max(1, room));
  for (const token of wanted) if (!chosen.includes(token)) chosen.push(token);
  return chosen.slice(0, guessesShown);
}

function drawNext() {
  const list = byId("bars"), at = reading ? shown() : 0;
  byId("next-of").replaceChildren(...(reading ? ["after ", keycap(reading.characters[at])] : []));
  if (!reading || !reading.next(at)) {
    list.replaceChildren(element("p", reading ? "This step of the training has kept no predictions." : "The model’s guess stands here as soon as there is a text.", "hint"));
    byId("loss").textContent = "";
    return;
  }
  const isChanged = reading !== untouched, follows = at + 1 < shownCount() ? reading.tokens[at + 1] : -1;
  list.replaceChildren(...candidates(at).map(token => {
    const value = reading.probability(at, token) ?? 0, before = isChanged ? untouched.probability(at, token) : null;
    const row = element("button", null, "bar"), name = visible(shape.vocabulary[token]);
    const track = element("span", null, "track"), fill = element("span", null, "fill");
    fill.style.width = `${100 * value}%`;
    track.append(fill);
    if (before !== null) {
      const mark = element("span", null, "before");
      mark.style.width = `${100 * before}%`;
      track.append(mark);
    }
    const number = element("span", (before === null ? "" : `${percent(before)} → `) + percent(value), "number");
    row.append(element("span", name, "name"), track, number);
    row.classList.toggle("follows", token === follows);
    if (token === follows) row.title = "This is what stands here in the text.";
    row.setAttribute("aria-label", `${name}: ${before === null ? "" : `${percent(before)} before, now `}${percent(value)}`
      + (token === follows ? ", stands here in the text" : ""));
    row.setAttribute("aria-pressed", String(!!model && token === explainedToken()));
    row.disabled = !model;
    row.addEventListener("click", () => {
      change({ explained: token });
      /** @type {HTMLElement | null} */ (list.querySelector("[aria-pressed=true]"))?.focus();
    });
    return row;
  }));
  drawLoss(isChanged);
}

/** @param {boolean} isChanged */
function drawLoss(isChanged) {
  const loss = reading.loss(), place = byId("loss");
  if (loss === null) { place.textContent = ""; return; }
  const before = isChanged ? untouched.loss() : null;
  place.replaceChildren("Average surprise: ", ...(before === null ? [] : [`${bitsOf(before).toFixed(3)} → `]),
    element("b", bitsOf(loss).toFixed(3)), " bits", before === null ? "" : ` (${signed(bitsOf(loss - before), 3)})`);
  place.title = `Over all characters of the text; less is better. The program calls it loss, in nats: ${loss.toFixed(4)}.`;
}

/** The logit lens: what would be guessed if the layers after this one were left out. */
function drawForms() {
  const rows = [], at = reading ? shown() : 0;
  for (let layer = 0; reading && layer < shape.layers; layer++) {
    const guesses = reading.lens(layer, at);
    if (!guesses) continue;
    const row = element("tr");
    row.append(element("th", `layer ${layer}`));
    for (const [token, value] of guesses) {
      const cell = element("td");
      cell.append(element("span", visible(shape.vocabulary[token])), ` ${Math.round(100 * value)}`);
      tint(cell, -Math.sqrt(value) * 0.9);
      row.append(cell);
    }
    for (let i = guesses.length; i < 5; i++) row.append(element("td"));
    rows.push(row);
  }
  byId("forms").replaceChildren(...rows);
  byId("forms-section").hidden = rows.length === 0;
}

/** Direct logit attribution: the residual stream is a sum, so what each head and MLP adds to a logit is exact, the scale of the
 *  last norm being held. A logit that is higher by 0.69, which is ln 2, doubles the odds. */
function drawAdds() {
  byId("adds-section").hidden = !model || !reading;
  if (!model || !reading) return;
  const at = shown(), token = explainedToken(), live = /** @type {LiveReading} */ (reading);
  const parts = attribution(live.run, at, token);
  const most = Math.max(1e-6, ...parts.heads.flat().map(Math.abs), ...parts.mlps.map(Math.abs));
  byId("adds-token").replaceChildren(keycap(shape.vocabulary[token]));
  const cellOf = (/** @type {number} */ value, /** @type {string} */ what, /** @type {(() => void) | null} */ choose) => {
    const cell = element("td"), inside = choose ? element("button", signed(value, 1)) : element("span", signed(value, 1));
    inside.title = `${what} adds ${signed(value, 4)}`;
    inside.setAttribute("aria-label", inside.title);
    if (choose) inside.addEventListener("click", choose);
    tint(inside, value / most);
    cell.append(inside);
    return cell;
  };
  const header = element("tr");
  header.append(element("td", "head"), ...Array.from({ length: shape.heads }, (_, head) => element("th", `${head}`)),
    element("th", "MLP"));
  const rows = parts.heads.map((heads, layer) => {
    const row = element("tr");
    row.append(element("th", `layer ${layer}`), ...heads.map((value, head) => cellOf(value, `Head ${layer}.${head}`,
      () => change({ view: "head", layer, head }))), cellOf(parts.mlps[layer], `The MLP of layer ${layer}`, null));
    return row;
  });
  byId("adds").replaceChildren(header, ...rows);
  byId("adds-sum").textContent = `The character itself ${signed(parts.embedding, 1)}`
    + (Math.abs(parts.bias) > 1e-9 ? `, bias ${signed(parts.bias, 1)}` : "") + `; together ${signed(parts.total, 1)} (its logit). `
    + "Each +0.7 doubles its odds.";
}
