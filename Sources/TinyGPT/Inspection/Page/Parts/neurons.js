// The text tinted by one neuron of an MLP: warm where it is active, cool where it is below zero.

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
  byId("neuron-list").replaceChildren(...loudest.map(index => {
    const button = element("button", String(index));
    button.setAttribute("aria-pressed", String(index === neuron.index));
    button.addEventListener("click", () => { neuron.index = index; draw(false); });
    return button;
  }));
}

function listenToNeurons() {
  if (!model) return;
  selectOf("neuron-layer").append(...Array.from({ length: shape.layers }, (_, layer) => {
    const option = element("option", `layer ${layer}`);
    option.value = String(layer);
    return option;
  }));
  inputOf("neuron-index").max = String(model.hidden - 1);
  selectOf("neuron-layer").addEventListener("change", () => { neuron.layer = Number(selectOf("neuron-layer").value); draw(false); });
  inputOf("neuron-index").addEventListener("input", () => {
    neuron.index = Math.max(0, Math.min(model.hidden - 1, Math.floor(Number(inputOf("neuron-index").value) || 0)));
    draw(false);
  });
}
