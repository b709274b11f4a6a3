// The text tinted by one neuron of an MLP: warm where it is active, cool where it is below zero. And what neurons follow, as
// 'tinygpt neurons' has found it.

/** The neuron that is shown. */
const neuron = { layer: 0, index: -1 };

/** Its activation at each character of the window. @param {number} layer @param {number} index @returns {number[]} */
function activations(layer, index) {
  const { run } = /** @type {LiveReading} */ (reading);
  return Array.from({ length: reading.count }, (_, q) => run.hidden(layer, q)[index]);
}

/** @returns {number[]} from -1 to 1 */
function neuronLevels() {
  // At first, that which stands out most.
  if (neuron.index < 0) neuron.index = outstanding(neuron.layer, shown())[0];
  const values = activations(neuron.layer, neuron.index), most = Math.max(1e-6, ...values.map(Math.abs));
  return values.map(value => value / most);
}

/** The neurons of a layer that stand out most at a character: by how many standard deviations over the window.
 *  @param {number} layer @param {number} at @returns {number[]} */
function outstanding(layer, at) {
  const { run } = /** @type {LiveReading} */ (reading), scores = new Float32Array(/** @type {Model} */ (model).hidden);
  for (let index = 0; index < scores.length; index++) {
    let [sum, squares] = [0, 0];
    for (let q = 0; q < reading.count; q++) {
      const value = run.hidden(layer, q)[index];
      sum += value;
      squares += value * value;
    }
    const mean = sum / reading.count, deviation = Math.sqrt(Math.max(1e-9, squares / reading.count - mean * mean));
    scores[index] = (run.hidden(layer, at)[index] - mean) / deviation;
  }
  return likeliest(scores, 16).map(([index]) => index);
}

function drawNeurons() {
  if (!model || !reading || state.panel !== "neurons") return;
  selectOf("neuron-layer").value = String(neuron.layer);
  const loudest = outstanding(neuron.layer, shown());
  inputOf("neuron-index").value = String(neuron.index);
  const value = activations(neuron.layer, neuron.index)[shown()];
  byId("neuron-value").replaceChildren(
    "The text is tinted by it: ", element("b", "orange"), " where it is active, blue where it is below 0. At ", keycap(reading.characters[shown()]), ` it is ${signed(value, 3)}.`);
  byId("neuron-list").replaceChildren(...loudest.map(index => neuronButton(neuron.layer, index, String(index))));
  for (const button of all("#neuron-survey button")) {
    button.setAttribute("aria-pressed", String(button.textContent === `${neuron.layer}.${neuron.index}`));
  }
}

/** Tints the text by a neuron. @param {number} layer @param {number} index @param {string} name */
function neuronButton(layer, index, name) {
  const button = element("button", name);
  button.setAttribute("aria-pressed", String(layer === neuron.layer && index === neuron.index));
  button.addEventListener("click", () => { Object.assign(neuron, { layer, index }); draw(false); });
  return button;
}

/** What the neurons follow: a row for each that follows something more than by chance, in the order of what that is.
 *  @param {any} survey */
function surveyTable(survey) {
  const table = element("table"), header = element("tr"), place = element("div", null, "scroll");
  const columns = {
    neuron: "Layer and number; a click tints the text by it.", follows: "What of the text it correlates with most.",
    corr: "Correlation, from -1 to 1: 1 is a neuron that knows it.", chance: "The largest of any neuron with another place of the text.",
    cost: "How much the loss rises with the neuron held at its mean, in nats per character.",
    strongest: "Where it is farthest from its mean.",
  };
  header.append(...Object.entries(columns).map(([name, title]) => {
    const cell = element("th", name);
    cell.title = title;
    return cell;
  }));
  table.append(header, ...survey.list.map((/** @type {any} */ found) => {
    const passage = element("span", null, "passage"), [before, here, after] = found.passage ?? ["", "", ""];
    const seen = (/** @type {string} */ text) => Array.from(text, visible).join("");
    passage.append(seen(before), element("b", seen(here)), seen(after));
    const cost = element("span", signed(found.cost, 4));
    cost.title = `± ${found.error?.toFixed(4) ?? "not known"}`;
    return tableRow(neuronButton(found.layer, found.neuron, `${found.layer}.${found.neuron}`), followed(found),
      signed(found.correlation, 2), found.chance.toFixed(2), cost, passage);
  }));
  place.id = "neuron-survey";
  place.tabIndex = 0;
  place.append(element("p", `What neurons follow in the model of step ${data.facts.step}, over ${survey.windows} windows of `
    + `${survey.windowLength} characters (tinygpt neurons):`, "hint"), table);
  return place;
}

/** A feature of the text in words. @param {{kind: string, character?: string}} found */
function followed({ kind, character }) {
  if (character === undefined) return kind;
  const name = { " ": "space", "\n": "newline" }[character] ?? `'${visible(character)}'`;
  return kind === "next character" ? `next ${name}` : name;
}

function listenToNeurons() {
  if (!model) return;
  selectOf("neuron-layer").append(...Array.from({ length: shape.layers }, (_, layer) => {
    const option = element("option", `layer ${layer}`);
    option.value = String(layer);
    return option;
  }));
  inputOf("neuron-index").max = String(model.hidden - 1);
  if (data.neurons) {
    // At first, the one at the head of the list.
    Object.assign(neuron, { layer: data.neurons.list[0]?.layer ?? 0, index: data.neurons.list[0]?.neuron ?? -1 });
    byId("neuron-value").after(surveyTable(data.neurons));
  }
  selectOf("neuron-layer").addEventListener("change", () => { neuron.layer = Number(selectOf("neuron-layer").value); draw(false); });
  inputOf("neuron-index").addEventListener("input", () => {
    neuron.index = Math.max(0, Math.min(model.hidden - 1, Math.floor(Number(inputOf("neuron-index").value) || 0)));
    draw(false);
  });
}
