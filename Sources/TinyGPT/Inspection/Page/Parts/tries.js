// Three exercises: each sets the page up, and says what to watch.

/** @typedef {{name: string, say: () => string, set: () => Partial<typeof state>}} Exercise */
/** What each exercise writes, where the model knows its letters. @param {string} wanted */
function writable(wanted) {
  return Array.from(wanted).filter(character => shape.vocabulary.includes(character)).join("") || state.text;
}

/** The exercise that is being done. @type {Exercise | null} */
let exercise = null;
/** @type {Exercise[]} */
const exercises = [
  {
    name: "the best head off",
    set() {
      const { layer, head } = isMeasured() ? mostValuable() : state;
      const off = [`${layer}.${head}`], without = new LiveReading(model, reading.tokens, reading.start, offOf(off));
      // Where it is missed most.
      const rises = Array.from({ length: reading.count - 1 }, (_, q) => without.surprise(q + 1) - untouched.surprise(q + 1));
      return { view: "head", layer, head, panel: "map", off, caret: caretAfter(argmax(rises)) };
    },
    say: () => `Switched off: head ${state.layer}.${state.head}${isMeasured() ? ", which this text needs most" : ""}. The bars say what was expected `
      + "before (outline) and now. Press “write on” to read how the model speaks without it; then switch it on again.",
  },
  {
    name: "the line break",
    set() {
      const words = state.text.includes("\n") ? state.text : writable("To be, or not to be:\nthat is the question.");
      const at = Array.from(words).indexOf("\n");
      return { text: words, caret: (at < 0 ? 0 : at) + 1, direction: "from", panel: "map", off: [] };
    },
    say: () => "Warm characters are those that look back at the line break ⏎. Go through the heads: a few look there from every "
      + "letter of the line, as if to count how long it is already.",
  },
  {
    name: "a word twice",
    set() {
      const words = writable("the lord Rumplestil and the lord Rumplest");
      return { text: words, caret: Array.from(words).length, direction: "to", panel: "map", off: [] };
    },
    say: () => "The name is new to the model, and still the second time it may know how it goes on: look for a head that looks "
      + "from a letter to what followed the same letter the first time (an induction head). Does the right letter lead at the right?",
  },
];

/** Everything is on again. */
function endExercise() {
  exercise = null;
  change({ off: [] });
}

function listenToTries() {
  byId("tries").hidden = !model || !!data.replay;
  const buttons = exercises.map(chosen => {
    const button = element("button", chosen.name, "try");
    button.addEventListener("click", () => {
      stopWriting();
      if (!reading) change({ text: writable("To be, or not to be"), caret: 5 });
      change({ pair: null, ...chosen.set() });
      placeCaret();
      exercise = chosen;
      const end = element("button", "done", "done");
      end.addEventListener("click", endExercise);
      byId("exercise").replaceChildren(element("b", "Try. "), chosen.say(), " ", end);
      draw(false);
    });
    return button;
  });
  byId("tries").append(...buttons);
}
