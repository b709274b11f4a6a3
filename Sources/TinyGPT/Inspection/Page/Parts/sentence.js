// The state in a sentence: who looks at whom, what the model expected, and what is switched off.

function drawSentence() {
  const place = byId("sentence");
  if (!reading) {
    place.replaceChildren(text.characters.length === 0 ? "The box is empty: type something, or let the model write."
      : "The model has never seen any of these characters; it was trained on others.");
    return;
  }
  const at = shown(), pair = pointed ?? shownPair();
  if (state.panel === "neurons" && model) {
    writeLines(place, [element("b", `Layer ${neuron.layer}, neuron ${neuron.index}`), " tints the text."], [...expectation(at), ...switches()]);
    return;
  }
  writeLines(place, pair ? pairSentence(pair) : state.direction === "to" ? looksAt(at) : lookedAt(at), [...expectation(at), ...switches()]);
}

/** @param {HTMLElement} place @param {...(string | Node)[]} lines */
function writeLines(place, ...lines) {
  place.replaceChildren(...lines.map(words => {
    const line = element("span");
    line.append(...words, " ");
    return line;
  }));
}

/** @param {number} at @returns {(string | Node)[]} */
function looksAt(at) {
  const row = viewRow(at), key = argmax(row);
  return [element("b", viewName()), ": ", keycap(reading.characters[at]), " looks most at ",
    ...(key === at ? ["itself"] : [keycap(reading.characters[key]), `, ${at - key} back`]), ": ", element("b", percent(row[key])),
    state.view === "rollout" ? "." : " of its attention."];
}

/** @param {number} at @returns {(string | Node)[]} */
function lookedAt(at) {
  const column = columnOf(at), query = argmax(column);
  return [element("b", viewName()), ": ", keycap(reading.characters[at]), " is looked at most by ",
    ...(query === at ? ["itself"] : [keycap(reading.characters[query]), `, ${query - at} after it`]), ": ",
    element("b", percent(column[query])), state.view === "rollout" ? "." : " of its attention."];
}

/** @param {[number, number]} pair @returns {(string | Node)[]} */
function pairSentence([query, key]) {
  return [element("b", viewName()), ": ", keycap(reading.characters[query]), ` at ${query} takes `,
    element("b", percent(weight(query, key))), ` (${weight(query, key).toFixed(4)}) from `, keycap(reading.characters[key]), ` at ${key}.`];
}

/** How expected the character itself was. @param {number} at @returns {(string | Node)[]} */
function expectation(at) {
  const bits = reading.surprise(at);
  if (bits === null) return at === 0 && reading.start === 0 ? ["The first character is not predicted: nothing comes before it."] : [];
  const sampler = data.replay?.sampler, place = text.places[reading.start + at], isDrawn = place >= ownWork[0] && place < ownWork[1];
  // What was written was drawn after temperature, top-k and top-p.
  if (isDrawn && model && sampler && at > 0 && state.text === data.prompt) {
    const { run } = /** @type {LiveReading} */ (reading), drawn = samplingProbabilities(run.logits(at - 1), sampler)[reading.tokens[at]];
    return [keycap(reading.characters[at]), ` was drawn with ${percent(drawn)}, from ${percent(2 ** -bits)} before temperature: `
      + `${bits.toFixed(1)} bits of surprise.`];
  }
  const probability = 2 ** -bits < 0.0005 ? "under 0.1 %" : percent(2 ** -bits), name = keycap(reading.characters[at]);
  if (isDrawn && !model) return [name, ` was drawn with ${probability}: ${bits.toFixed(1)} bits of surprise.`];
  return bits < surprising ? ["Before it came, the model gave ", name, ` ${probability} (${bits.toFixed(1)} bits of surprise).`]
    : ["Before it came, the model gave ", name, ` ${probability.startsWith("under") ? "" : "only "}${probability}: a surprise (${bits.toFixed(1)} bits).`];
}

/** From how many bits on a character is called a surprise: 1 in 16. */
const surprising = 4;

/** What is switched off, in words: by name where it is little, else counted. @returns {(string | Node)[]} */
function switches() {
  if (state.off.length === 0) return [];
  const names = state.off.map(name => name.startsWith("m") ? `the MLP of layer ${name.slice(1)}` : `head ${name}`);
  const mlps = state.off.filter(name => name.startsWith("m")).length, heads = state.off.length - mlps;
  const counted = (/** @type {number} */ count, /** @type {number} */ all, /** @type {string} */ noun) =>
    count === 0 ? [] : [`${count === all && all > 1 ? "all " : ""}${plural(count, noun)}`];
  const words = names.length <= 2 ? names : [...counted(heads, shape.layers * shape.heads, "head"), ...counted(mlps, shape.layers, "MLP")];
  return [" ", element("b", `Without ${words.join(" and ")}.`)];
}

/** What has to be known about the text: characters without a token, and what is out of sight. */
function drawNotice() {
  const parts = data.notice ? [data.notice] : [];
  if (text.unknown.length) {
    const different = [...new Set(text.unknown.map(place => place.character))];
    const more = different.length > 4 ? ` and ${different.length - 4} more` : "";
    parts.push(`The model never saw ${different.slice(0, 4).map(described).join(", ")}${more} and skips ${text.unknown.length === 1 ? "it" : "them"}.`);
  }
  if (model && reading && text.tokens.length > reading.count) {
    parts.push(`The model sees ${model.context} characters at once: those in gray are out of its sight, now that the caret is here.`);
  }
  byId("notice").textContent = parts.join(" ");
  // In place of the introduction, so that nothing moves.
  const seen = exercise ? "exercise" : parts.length ? "notice" : "";
  for (const node of all("#intro > *")) node.classList.toggle("away", node.id !== seen);
}
