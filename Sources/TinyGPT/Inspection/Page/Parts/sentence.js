// The state in a sentence: who looks at whom, what the model expected, and what is switched off.

function drawSentence() {
  const place = byId("sentence");
  if (!reading) {
    place.replaceChildren(text.characters.length === 0 ? "The box is empty: type something, for the model to go on from."
      : "The model has never seen any of these characters; it was trained on others.");
    return;
  }
  const at = shown(), pair = pointed ?? shownPair();
  if (state.panel === "neurons" && model) {
    place.replaceChildren(element("b", `Layer ${neuron.layer}, neuron ${neuron.index}`), " tints the text. ");
    place.append(...expectation(at), ...switches());
    return;
  }
  place.replaceChildren(...(pair ? pairSentence(pair) : state.direction === "to" ? looksAt(at) : lookedAt(at)), " ");
  place.append(...expectation(at), ...switches());
}

/** @param {number} at @returns {(string | Node)[]} */
function looksAt(at) {
  const row = viewRow(at), key = argmax(row);
  return [element("b", viewName()), ": ", keycap(reading.characters[at]), " takes ", element("b", percent(row[key])), " from ",
    ...(key === at ? ["itself."] : [keycap(reading.characters[key]), `, ${at - key} back.`])];
}

/** @param {number} at @returns {(string | Node)[]} */
function lookedAt(at) {
  const column = columnOf(at), query = argmax(column), sum = column.reduce((sum, value) => sum + value, 0);
  return [element("b", viewName()), ": ", keycap(reading.characters[at]), " is looked at most by ",
    ...(query === at ? ["itself"] : [keycap(reading.characters[query]), `, ${query - at} after it`]), ", which takes ",
    element("b", percent(column[query])), ` from it; all together take ${sum.toFixed(2)}.`];
}

/** @param {[number, number]} pair @returns {(string | Node)[]} */
function pairSentence([query, key]) {
  return [element("b", viewName()), ": ", keycap(reading.characters[query]), ` at ${query} takes `,
    element("b", percent(weight(query, key))), ` (${weight(query, key).toFixed(4)}) from `, keycap(reading.characters[key]), ` at ${key}.`];
}

/** How expected the character itself was. @param {number} at @returns {(string | Node)[]} */
function expectation(at) {
  const bits = reading.surprise(at);
  if (bits === null) return at === 0 && reading.start === 0 ? ["The first character is not predicted."] : [];
  const sampler = data.replay?.sampler, isDrawn = text.places[reading.start + at] >= ownWork[0];
  // What was written was drawn after temperature, top-k and top-p.
  if (isDrawn && model && sampler && at > 0 && state.text === data.prompt) {
    const { run } = /** @type {LiveReading} */ (reading), drawn = samplingProbabilities(run.logits(at - 1), sampler)[reading.tokens[at]];
    return [keycap(reading.characters[at]), ` was drawn with ${percent(drawn)}, from ${percent(2 ** -bits)} before temperature: `
      + `${bits.toFixed(1)} bits of surprise.`];
  }
  return [isDrawn && !model ? "It was drawn with " : "The model gave ", keycap(reading.characters[at]),
    ` ${percent(2 ** -bits)}: ${bits.toFixed(1)} bits of surprise.`];
}

/** What is switched off, in words. @returns {(string | Node)[]} */
function switches() {
  if (state.off.length === 0) return [];
  const names = state.off.map(name => name.startsWith("m") ? `the MLP of layer ${name.slice(1)}` : `head ${name}`);
  const shown = names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(" and ");
  return [" ", element("b", `Without ${shown}.`)];
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
  byId("notice").hidden = parts.length === 0;
  // In place of the introduction, so that nothing moves.
  for (const lead of all("#page > .lead")) {
    lead.hidden = parts.length > 0 || lead.classList.contains(model ? "recorded-only" : "live-only");
  }
  if (exercise) for (const node of all("#page > .lead, #notice")) node.hidden = node.id !== "exercise";
  else byId("exercise").hidden = true;
}
