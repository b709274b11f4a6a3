// Writing on: the model's own characters, drawn as `tinygpt sample` draws them.

/** The most characters that are written at once. */
const writtenAtOnce = 400;
/** @type {Generator | null} */
let generator = null;
let writingTimer = 0;
/** What the generator went on from. */
let writtenFrom = "";

/** The text, where the caret is, and the settings of a sample, as one text. */
function writingKey() {
  return [inputOf("temperature").value, inputOf("seed").value, state.moment, state.off, state.ablation, state.caret,
    state.text].join();
}

/** Writes one character at the caret, and returns it; nothing where it cannot. */
function writeOne() {
  followBox();
  if (!model || (state.text !== "" && text.tokens.length === 0)) return "";
  // From where the text was left, the random numbers go on; another text or place begins them anew.
  if (!generator || writtenFrom !== writingKey()) {
    const before = text.tokens.filter((_, i) => text.places[i] < state.caret);
    generator = new Generator(model, before.length ? before : Int32Array.of(model.startToken), { temperature: Number(inputOf("temperature").value) },
      Math.max(0, Math.floor(Number(inputOf("seed").value) || 0)), offOf(state.off));
    ownWork = [state.caret, state.caret];
  }
  if (exercise?.chosen.isOfText) leaveExercise();
  const written = [...text.characters], character = shape.vocabulary[generator.next()];
  written.splice(state.caret, 0, character);
  ownWork[1] = state.caret + 1;
  change({ text: written.join(""), caret: state.caret + 1 });
  writtenFrom = writingKey();
  placeCaret();
  return character;
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
    // Where every line is a text of its own, the model has not learned to go on after its end.
    const hasEnded = writeOne() === "\n" && data.facts.lines;
    if (--left === 0 || hasEnded) return stopWriting();
    writingTimer = setTimeout(step, 30);
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
