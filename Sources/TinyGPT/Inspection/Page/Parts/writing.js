// Writing on: the model's own characters, drawn as `tinygpt sample` draws them.

/** The most characters that are written at once. */
const writtenAtOnce = 400;
/** @type {Generator | null} */
let generator = null;
let writingTimer = 0;
/** What the generator went on from. */
let writtenFrom = "";

/** The settings of a sample, as one text. */
function writingKey() { return [inputOf("temperature").value, inputOf("seed").value, state.moment, state.off, state.ablation].join(); }

/** Appends one character. */
function writeOne() {
  if (!model || (state.text !== "" && text.tokens.length === 0)) return;
  // From where the text was left, the random numbers go on; another text begins them anew.
  if (!generator || writtenFrom !== writingKey() + state.text) {
    const prompt = text.tokens.length ? text.tokens : Int32Array.of(model.startToken);
    generator = new Generator(model, prompt, { temperature: Number(inputOf("temperature").value) },
      Math.max(0, Math.floor(Number(inputOf("seed").value) || 0)), offOf(state.off));
    ownWork = [text.characters.length, Infinity];
  }
  const written = state.text + shape.vocabulary[generator.next()];
  writtenFrom = writingKey() + written;
  change({ text: written, caret: text.characters.length + 1 });
  placeCaret();
}

function stopWriting() {
  clearTimeout(writingTimer);
  writingTimer = 0;
  byId("write").textContent = "write on";
}

function writeOn() {
  if (writingTimer) return stopWriting();
  let left = writtenAtOnce;
  byId("write").textContent = "stop";
  const step = () => {
    writeOne();
    writingTimer = --left > 0 ? setTimeout(step, 30) : 0;
    if (!left) stopWriting();
  };
  writingTimer = setTimeout(step);
}

function listenToWriting() {
  byId("write").addEventListener("click", writeOn);
  byId("write-one").addEventListener("click", () => { stopWriting(); writeOne(); });
  inputOf("temperature").addEventListener("input", () => {
    byId("temperature-value").textContent = Number(inputOf("temperature").value).toFixed(1);
  });
}
