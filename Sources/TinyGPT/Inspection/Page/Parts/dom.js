// Elements of the page, and numbers and characters as something to read.

/** @param {string} id @returns {HTMLElement} */
function byId(id) { return document.getElementById(id); }
/** @param {string} id @returns {HTMLInputElement} */
function inputOf(id) { return /** @type {HTMLInputElement} */ (byId(id)); }
/** @param {string} id @returns {HTMLSelectElement} */
function selectOf(id) { return /** @type {HTMLSelectElement} */ (byId(id)); }
/** @param {string} id @returns {HTMLCanvasElement} */
function canvasOf(id) { return /** @type {HTMLCanvasElement} */ (byId(id)); }
/** @param {string} selector @returns {HTMLElement[]} */
function all(selector) { return Array.from(document.querySelectorAll(selector)); }

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string | null} [text] @param {string} [className] @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, text, className) {
  const node = document.createElement(tag);
  if (text != null) node.textContent = text;
  if (className) node.className = className;
  return node;
}

/** Cells of a table, each a text or an element. @param {...(string | Node)} cells @returns {HTMLTableRowElement} */
function tableRow(...cells) {
  const row = element("tr");
  for (const cell of cells) {
    const place = element("td");
    place.append(cell);
    row.append(place);
  }
  return row;
}

/** A character as something to see. @param {string} character */
function visible(character) {
  if (character === " ") return "␣";
  if (character === "\n") return "⏎";
  if (character === "\t") return "⇥";
  if (character === "\r") return "␍";
  return /[\p{C}\p{M}\p{Z}]/u.test(character) ? codePoint(character) : character;
}

/** @param {string} character */
function codePoint(character) { return "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0"); }

/** A character in a sentence, as the program names it. @param {string} character */
function described(character) {
  const names = { " ": "space", "\n": "newline", "\t": "tab", "\r": "carriage return" };
  const name = names[/** @type {" "} */ (character)];
  return name ? `${codePoint(character)} (${name})`
    : visible(character) === character ? `'${character}' (${codePoint(character)})` : codePoint(character);
}

/** A character in a sentence with a frame of its own. @param {string} character */
function keycap(character) { return element("kbd", visible(character)); }

/** With a space at which no line breaks. @param {number} value from 0 to 1 */
function percent(value) {
  if (value >= 0.0995) return `${(100 * value).toFixed(0)}\u00a0%`;
  return value >= 0.0005 ? `${(100 * value).toFixed(1)}\u00a0%` : "0\u00a0%";
}

/** What a loss is in bits, as surprise is. @param {number} nats */
function bitsOf(nats) { return nats / Math.LN2; }

/** A number with its sign, and never "-0.00". @param {number} value @param {number} digits */
function signed(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : (value < 0 ? "−" : "+") + text;
}

/** @param {number} count @param {string} noun */
function plural(count, noun) { return `${count} ${noun}${count === 1 ? "" : "s"}`; }
