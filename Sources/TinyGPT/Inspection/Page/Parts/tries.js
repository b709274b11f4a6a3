// Three exercises: each sets the page up, and says what to watch. What was there before comes back when it is done.

/** `set` sets the page up and says what to watch; `isOfText` if what it says is of this text alone.
 *  @typedef {{name: string, isPossible: boolean, isOfText: boolean, set: () => (string | Node)[]}} Exercise */

/** What of a word the model can read. @param {string} wanted */
function writable(wanted) { return Array.from(wanted).filter(character => shape.vocabulary.includes(character)).join(""); }

/** From how many bits a character on, a head is said to matter. */
const mattering = 0.02;
/** A word that no text has. */
const rareWord = writable("Rumplestil");

/** The head that takes most from some characters. @param {(weights: Float32Array) => number} takenBy */
function headTaking(takenBy) {
  const { layer, head } = headWith(part => takenBy(reading.weights(part.layer, part.head)));
  return { layer, head };
}

/** @type {Exercise[]} */
const exercises = [
  {
    name: "best head off",
    isPossible: true,
    isOfText: false,
    set() {
      if (!reading || reading.count < 2) change({ text: writable("To be, or not to be") || shape.vocabulary.slice(0, 8).join(""), off: [] });
      const { layer, head } = isMeasured() ? mostValuable() : state, name = `${layer}.${head}`;
      const without = new LiveReading(model, untouched.tokens, untouched.start, offOf([name]));
      // Where it is missed most.
      const rises = Array.from({ length: untouched.count - 1 }, (_, q) => without.surprise(q + 1) - untouched.surprise(q + 1));
      change({ view: "head", layer, head, panel: "map", direction: "to", off: [name], caret: caretAfter(argmax(rises)) });
      const worth = bitsOf(without.loss() - untouched.loss());
      const words = !isMeasured() ? `Head ${name} is off. `
        : worth < mattering ? `No single head matters much to this text. Head ${name}, which matters most (${signed(worth, 3)}), is off. `
        : `Head ${name} is off, the one this text needs most: without it, the guesses are ${worth.toFixed(2)} bits a character worse. `;
      return [words, "The bars show the guess before (outline) and now. Press “write on” to read how the model writes without it."];
    },
  },
  {
    name: "line break",
    isPossible: shape.vocabulary.includes("\n") && writable("To be or not to be").length > 9,
    isOfText: true,
    set() {
      const follows = reading ? Array.from(reading.tokens).indexOf(shape.vocabulary.indexOf("\n")) : -1;
      if (follows < 0 || reading.count - follows < 8) change({ text: writable("To be, or not\nto be, that"), caret: 0 });
      const at = Array.from(reading.tokens).indexOf(shape.vocabulary.indexOf("\n"));
      const chosen = headTaking(weights => {
        let sum = 0;
        for (let q = at + 1; q < reading.count; q++) sum += weights[q * (q + 1) / 2 + at];
        return sum;
      });
      change({ view: "head", ...chosen, panel: "map", direction: "from", off: [], caret: caretAfter(at) });
      return ["Orange now shows the characters that look back at the boxed line break ⏎. Of all heads, ", element("b", `${chosen.layer}.${chosen.head}`),
        " looks there most, as if to know where its line began. Click the pictures of other heads: which look there, too?"];
    },
  },
  {
    name: "word twice",
    isPossible: rareWord.length > 5,
    isOfText: true,
    set() {
      const word = Array.from(rareWord), known = word.length - 2, join = writable(" and ");
      const words = rareWord + join + rareWord, first = known, at = word.length + join.length + known - 1;
      change({ text: words, caret: at + 1, off: [] });
      const query = at - reading.start, target = first - reading.start, isSeen = target >= 0;
      const chosen = isSeen ? headTaking(weights => weights[query * (query + 1) / 2 + target]) : { layer: state.layer, head: state.head };
      change({ view: "head", ...chosen, panel: "map", direction: "to", caret: at + 1 });
      const probability = untouched.probability(query, untouched.tokens[query + 1]);
      return ["The word is new to the model. The second time, the first shows how it goes on: ", keycap(word[known]), " is right. The model gives it ",
        element("b", percent(probability)), probability > 0.5 ? ": it copies." : probability > 0.15 ? ": it has begun to learn to copy." : ": it has not learned to copy.",
        ...(!isSeen ? [] : weight(query, target) < 0.1 ? [" No head looks much at the first ", keycap(word[known]), "."]
          : [` Of all heads, ${chosen.layer}.${chosen.head} looks most at the first `, keycap(word[known]), `: ${percent(weight(query, target))}.`])];
    },
  },
];

/** The exercise that is being done, and the switches in it. @type {{chosen: Exercise, switches: string} | null} */
let exercise = null;
/** What the page showed before the exercise, and the text that it has put there.
 *  @type {{shown: Partial<typeof state>, ownWork: [number, number], putText: string} | null} */
let beforeExercise = null;

function switchesNow() { return [state.off, state.ablation].join(); }

/** @param {Exercise} chosen */
function beginExercise(chosen) {
  stopWriting();
  if (!exercise && beforeExercise?.putText !== state.text) {
    const { text, caret, layer, head, view, direction, panel, off } = state;
    beforeExercise = { shown: { text, caret, layer, head, view, direction, panel, off }, ownWork: [...ownWork], putText: text };
  }
  exercise = null;
  const end = element("button", "done", "done"), words = chosen.set();
  end.addEventListener("click", endExercise);
  placeCaret();
  exercise = { chosen, switches: switchesNow() };
  beforeExercise.putText = state.text;
  byId("exercise").replaceChildren(element("b", "Try. "), ...words, " ", end);
  draw(false);
  byId("exercise").scrollIntoView({ block: "nearest" });
}

/** The reader goes on by himself: the page stays as it is. A text of his own that the exercise took away can still be had. */
function leaveExercise() {
  if (!exercise) return;
  exercise = null;
  if (["", beforeExercise.putText].includes(beforeExercise.shown.text)) beforeExercise = null;
  draw(false);
}

/** All is again as it was before. */
function endExercise() {
  exercise = null;
  bringBack(beforeExercise.shown);
}

/** @param {Partial<typeof state>} shown */
function bringBack(shown) {
  stopWriting();
  ownWork = beforeExercise.ownWork;
  beforeExercise = null;
  change(shown);
  placeCaret();
}

/** What an exercise says ends with a switch. */
function drawExercise() {
  if (exercise && exercise.switches !== switchesNow()) leaveExercise();
  const isKept = !!beforeExercise && !exercise;
  byId("text-back").hidden = !isKept;
  byId("tries-name").hidden = isKept;
}

function listenToTries() {
  byId("tries").hidden = !model || !!data.replay;
  const back = element("button", "my text again");
  back.id = "text-back";
  back.title = "The text that was here before the exercise.";
  back.hidden = true;
  back.addEventListener("click", () => bringBack({ text: beforeExercise.shown.text, caret: beforeExercise.shown.caret }));
  byId("tries").append(...exercises.filter(chosen => model && chosen.isPossible).map(chosen => {
    const button = element("button", chosen.name, "try");
    button.addEventListener("click", () => beginExercise(chosen));
    return button;
  }), back);
}
