// What the model wrote at each validation, with a slider over the training.

const sampleBox = document.getElementById("sample"), sampleSlider = /** @type {HTMLInputElement} */ (document.getElementById("slider"));

/** A character that would be invisible, or turn the text around, as a sign. @param {string} character */
function visible(character) {
  if (character === "\n" || character === "\t") return character;
  const code = character.codePointAt(0);
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "␡" : /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(character) ? "�" : character;
}

function shownSample() { return Math.min(view.sample ?? data.samples.length - 1, data.samples.length - 1); }

function drawSample() {
  if (!data.samples.length) return;
  const at = shownSample(), sample = data.samples[at], characters = Array.from(sample.text, visible);
  const ends = [0, ...sample.marks, characters.length];
  sampleBox.replaceChildren(...ends.slice(1).map((end, i) => {
    const part = characters.slice(ends[i], end).join("");
    return i % 2 ? element("mark", { title: "stands word for word in the training text" }, part) : document.createTextNode(part);
  }));
  const place = data.validationSteps.indexOf(sample.step), value = place < 0 ? null : data.validationLosses[place];
  document.getElementById("sample-step").textContent = `step ${sample.step}` + (value === null ? "" : `, validation loss ${value.toFixed(3)}`);
  sampleSlider.value = String(at);
  sampleSlider.setAttribute("aria-valuetext", document.getElementById("sample-step").textContent);
  document.getElementById("copied").textContent = sample.lines != null
    ? sample.lines && `Lines that stand in the training text are marked: ${sample.marks.length / 2} of ${sample.lines}.` || ""
    : sample.longest === 0 ? ""
    : `The longest passage that stands word for word in the training text has ${sample.longest} characters`
      + (sample.share > 0 ? `; ${(100 * sample.share).toFixed(0)} % of the passages of ${data.passageLength} characters do, and are marked.`
        : sample.longest < data.passageLength ? ": too short to be more than chance." : ".");
}

/** @param {number} at */
function showSample(at) {
  const last = data.samples.length - 1;
  change({ sample: at >= last ? null : Math.max(0, at) });
}

function listenToSamples() {
  document.getElementById("samples").hidden = !data.samples.length;
  const play = document.getElementById("play");
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "play"; };
  sampleSlider.max = String(Math.max(0, data.samples.length - 1));
  sampleSlider.addEventListener("input", () => {
    stop();
    showSample(Number(sampleSlider.value));
    const step = data.samples[shownSample()].step;
    point(view.axis === "step" ? step : data.validationSeconds[data.validationSteps.indexOf(step)] ?? null);
  });
  sampleSlider.addEventListener("blur", () => point(null));
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (shownSample() === data.samples.length - 1) showSample(0);
    play.textContent = "pause";
    timer = setInterval(() => {
      showSample(shownSample() + 1);
      if (shownSample() === data.samples.length - 1) stop();
    }, 900);
  });
  drawings.push(drawSample);
}

/** Shows the sample nearest to a place on the charts. @param {number} at */
function pickSample(at) {
  const places = data.samples.map((/** @type {any} */ sample) => {
    const i = data.validationSteps.indexOf(sample.step);
    return view.axis === "step" || i < 0 ? sample.step : data.validationSeconds[i];
  });
  if (places.length) showSample(nearest(places, at));
}
