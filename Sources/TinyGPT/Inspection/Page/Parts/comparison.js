// Another text beside this one, or another model on the same text: where the weights differ, which heads differ most, and both
// predictions.

/** The model that this one is compared with, if the page holds two. */
const otherModel = data.compare ? new Model(data.compare.model, data.compare.weights) : null;

/** @type {Reading | null} */
let otherReading = null;
/** What it was read from. */
let otherFrom = "";

/** Reads the other text, or as much of it as the model sees; or lets the other model read this one. */
function readOther() {
  if (otherModel) {
    const from = [reading.start, reading.tokens, state.off, state.ablation].join();
    if (from !== otherFrom) otherReading = new LiveReading(otherModel, reading.tokens, reading.start, offOf(state.off));
    otherFrom = from;
    return;
  }
  if (state.other === null) {
    // At first, one with another character in the middle.
    const half = shown() >> 1, at = text.places[reading.start + half], token = reading.tokens[half];
    state.other = text.characters.map((character, i) => i === at ? shape.vocabulary[otherToken(token)] : character).join("");
  }
  const from = [state.other, state.moment, state.off, state.ablation].join();
  if (from === otherFrom) return;
  otherFrom = from;
  const tokens = model.tokensOf(state.other).tokens.slice(0, model.context);
  otherReading = tokens.length ? new LiveReading(model, tokens, 0, offOf(state.off)) : null;
}

/** The other model in words. */
function otherName() {
  const facts = data.compare.facts;
  return `${facts.run}, step ${facts.step} (${facts.checkpoint})`;
}

/** How much of a head's attention goes elsewhere, on average over the rows: half of the sum of all differences.
 *  @param {Float32Array} a @param {Float32Array} b @param {number} count */
function movedAttention(a, b, count) {
  let sum = 0;
  for (let i = 0; i < count * (count + 1) / 2; i++) sum += Math.abs(a[i] - b[i]) / 2;
  return sum / count;
}

function drawComparison() {
  if (!model || !reading || state.panel !== "compare") return;
  readOther();
  const field = /** @type {HTMLTextAreaElement} */ (byId("other"));
  field.hidden = !!otherModel;
  if (!otherModel && fromBox(field.value) !== state.other) field.value = toBox(state.other);
  byId("panel-compare").classList.toggle("nothing", !otherReading);
  byId("compare-what").textContent = !otherReading ? "The other text is empty, or of characters that the model never saw."
    : `${viewName()}: orange where ${otherModel ? otherName() : "the other text"} looks more, blue where less.`
      + (otherModel ? ` Average surprise: ${lossIn(reading)} here, ${lossIn(otherReading)} bits there.` : "")
      + (otherReading.count !== reading.count ? ` Of both, the first ${Math.min(reading.count, otherReading.count)} characters, place by place.` : "");
  if (!otherReading) return;
  const count = Math.min(reading.count, otherReading.count), [a, b] = [weightsOfView(reading), weightsOfView(otherReading)];
  drawDifference(a, b, count);
  byId("compare-sides").textContent = otherModel ? "this model (outline) → the other" : "your text (outline) → the other";
  const at = Math.min(shown(), count - 1), guesses = [reading, otherReading].flatMap(each => each.next(at).slice(0, 3));
  const tokens = new Set(guesses.map(guess => guess[0]));
  byId("compare-next").replaceChildren(...Array.from(tokens, token => {
    const row = element("div", null, "bar"), track = element("span", null, "track");
    const fill = element("span", null, "fill"), mark = element("span", null, "before");
    const [before, after] = [reading.probability(at, token), otherReading.probability(at, token)];
    fill.style.width = `${100 * after}%`;
    mark.style.width = `${100 * before}%`;
    track.append(fill, mark);
    row.append(element("span", visible(shape.vocabulary[token]), "name"), track,
      element("span", `${percent(before)} → ${percent(after)}`, "number"));
    return row;
  }));
  const heads = parts.filter(part => part.head >= 0).map(part => ({
    part, moved: movedAttention(reading.weights(part.layer, part.head), otherReading.weights(part.layer, part.head), count),
  })).sort((x, y) => y.moved - x.moved);
  byId("compare-heads").replaceChildren(...heads.slice(0, 6).map(({ part, moved }) => {
    const button = element("button", `${part.name} · ${percent(moved)}`);
    button.setAttribute("aria-pressed", String(state.view === "head" && part.layer === state.layer && part.head === state.head));
    button.addEventListener("click", () => change({ view: "head", layer: part.layer, head: part.head }));
    return button;
  }));
}

/** The differences as a triangle. @param {Float32Array} a @param {Float32Array} b @param {number} count */
function drawDifference(a, b, count) {
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d"), place = canvasOf("difference");
  canvas.width = canvas.height = count;
  const image = context.createImageData(count, count);
  for (let q = 0, i = 0; q < count; q++) {
    for (let k = 0; k <= q; k++, i++) {
      const change = b[i] - a[i];
      image.data.set([...colorOf(Math.sign(change) * Math.sqrt(Math.abs(change))), 255], 4 * (q * count + k));
    }
  }
  context.putImageData(image, 0, 0);
  // Beside the rows this text, below the columns the other; where they differ, the letters are marked.
  const sides = [reading.characters, otherReading.characters];
  layOut(place, canvas, count, 1, (axis, i) => [visible(sides[axis][i]), sides[0][i] !== sides[1][i]]);
  place.setAttribute("aria-label", `Differences of ${viewName()} between the two texts`);
}

/** In bits. @param {Reading} reading */
function lossIn(reading) { return reading.count < 2 ? "–" : bitsOf(reading.loss() ?? 0).toFixed(3); }

function listenToComparison() {
  if (otherModel) /** @type {HTMLElement} */ (document.querySelector("[data-panel=compare]")).textContent = "two models";
  const field = /** @type {HTMLTextAreaElement} */ (byId("other"));
  field.addEventListener("input", () => change({ other: fromBox(field.value) }));
}
