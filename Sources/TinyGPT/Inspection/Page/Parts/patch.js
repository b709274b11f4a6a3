// Which part carries a difference: another character in one place, and what brings the first text's guess back (activation patching).

/** The place that is changed, counted in the window, and its other character; null before one is chosen.
 *  @type {{at: number, token: number} | null} */
let patched = null;
/** What the last result was computed from. */
let patchKey = "";
let patchTimer = 0;

/** The other character that is offered first: another letter of the same kind. @param {number} token */
function otherToken(token) {
  const kindOf = (/** @type {string} */ c) => /[aeiou]/.test(c) ? 0 : /\p{Ll}/u.test(c) ? 1 : /\p{Lu}/u.test(c) ? 2 : 3;
  const kind = kindOf(shape.vocabulary[token]);
  const others = shape.vocabulary.map((_, other) => other).filter(other => other !== token && kindOf(shape.vocabulary[other]) === kind);
  return others.find(other => other > token) ?? others[0] ?? (token + 1) % shape.vocabulary.length;
}

/** Changes the character before the caret. */
function choosePatch() {
  const at = shown();
  patched = { at, token: otherToken(reading.tokens[at]) };
  draw(false);
}

function drawPatch() {
  if (!model || !reading || state.panel !== "patch") { clearTimeout(patchTimer); patchKey = ""; return; }
  // At first, a character some way before the caret.
  if (!patched || patched.at >= reading.count) {
    const at = Math.max(0, shown() - 2);
    patched = { at, token: otherToken(reading.tokens[at]) };
  }
  const select = selectOf("patch-token");
  byId("patch-choose").textContent = `change ${nameOf(shown())} at ${shown()} instead`;
  // After the caret if it is further on, else after the last character.
  const end = (shown() > patched.at ? shown() : reading.count - 1) + 1;
  const tokens = reading.tokens.slice(0, end), others = tokens.slice();
  others[patched.at] = patched.token;
  select.value = String(patched.token);
  byId("patch-what").replaceChildren(keycap(reading.characters[patched.at]), ` at ${patched.at} becomes`);
  const key = `${state.moment} ${tokens} ${others} ${state.off} ${state.ablation}`;
  if (key === patchKey) return;
  patchKey = key;
  clearTimeout(patchTimer);
  byId("patch-result").textContent = "…";
  const steps = patchingSteps(model, tokens, others, undefined, offOf(state.off));
  const go = () => {
    const started = performance.now();
    for (let step = steps.next(); performance.now() - started < 20; step = steps.next()) {
      if (step.done) return showPatch(step.value, tokens);
      byId("patch-result").textContent = `${Math.round(100 * Number(step.value))} %`;
    }
    patchTimer = setTimeout(go);
  };
  patchTimer = setTimeout(go, 50);
}

/** @param {Patching} result @param {Int32Array} tokens */
function showPatch({ positions, heads, pair: [one, other], probabilities }, tokens) {
  const words = element("p"), [ofOne, ofOther] = [keycap(shape.vocabulary[one]), keycap(shape.vocabulary[other])];
  const guesses = (/** @type {[number, number]} */ [first, second]) =>
    [ofOne.cloneNode(true), ` ${percent(first)}, `, ofOther.cloneNode(true), ` ${percent(second)}`];
  words.append("The guess after ", keycap(shape.vocabulary[tokens[tokens.length - 1]]), ": ", ...guesses(probabilities[0]), "; once changed ",
    ...guesses(probabilities[1]), ".", ...switches(), " Now one part at a time is put back as it was. 27: this part alone brings back 27 % of the first guess.");
  const shareOf = (/** @type {number} */ value, /** @type {string} */ what) => {
    const share = Math.round(100 * value), number = share < 0 ? `−${-share}` : `${share}`, cell = element("td");
    const inside = element("span", share === 0 ? "" : number);
    inside.title = `${what} brings back ${number} %`;
    tint(inside, Math.max(-1, Math.min(1, value)));
    cell.append(inside);
    return cell;
  };
  const places = element("table", null, "places"), first = patched?.at ?? 0, header = element("tr");
    header.append(element("td"), ...Array.from(tokens.slice(first), token => element("th", visible(shape.vocabulary[token]))));
  places.append(header, ...positions.map((row, layer) => {
    const line = element("tr");
    line.append(element("th", `layer ${layer}`),
      ...row.slice(first).map((value, i) => shareOf(value, `Layer ${layer}, place ${first + i}`)));
    return line;
  }));
  const each = element("table", null, "each"), names = element("tr");
    names.append(element("td", "head"), ...Array.from({ length: shape.heads }, (_, head) => element("th", String(head))));
  each.append(names, ...heads.map((row, layer) => {
    const line = element("tr");
    line.append(element("th", `layer ${layer}`), ...row.map((value, head) => shareOf(value, `Head ${layer}.${head}`)));
    return line;
  }));
  const scroll = element("div", null, "scroll");
  scroll.tabIndex = 0;
  scroll.append(places);
  const stream = element("h3", "One character’s residual stream, as it enters each layer");
  stream.title = "The residual stream is the sum of all that the layers so far have added at a character: all that later layers see of it.";
  byId("patch-result").replaceChildren(words, element("h3", "What one head gives, at all characters"), each, stream, scroll);
}

function listenToPatch() {
  if (!model) return;
  selectOf("patch-token").append(...shape.vocabulary.map((character, token) => {
    const option = element("option", visible(character));
    option.value = String(token);
    return option;
  }));
  byId("patch-choose").addEventListener("click", choosePatch);
  selectOf("patch-token").addEventListener("change", () => {
    if (patched) patched.token = Number(selectOf("patch-token").value);
    draw(false);
  });
}
