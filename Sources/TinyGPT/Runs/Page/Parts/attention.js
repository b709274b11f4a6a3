// Where every head looked on the text of the probe, at the newest validation: a square for each, a row for each character.

function drawAttention() {
  const attention = data.attention, box = document.getElementById("maps");
  document.getElementById("attention").hidden = !attention;
  if (!attention) return;
  const signs = { " ": "␣", "\n": "⏎", "\t": "⇥" };
  /** @type {string[]} Isolated, so that one that is written from right to left turns nothing around. */
  const characters = attention.characters.map((/** @type {string} */ character) => `\u2068${signs[character] ?? visible(character)}\u2069`);
  const length = characters.length, size = length * (length + 1) / 2;
  if (!attention.maps) {
    return write("attention-about", `The attention of ${attention.layers * attention.heads} heads on ${length} characters is too much for this page; `
      + "the command “Watch its heads form” below makes one that shows it.");
  }
  const bytes = Uint8Array.from(atob(attention.maps), sign => sign.charCodeAt(0));
  write("attention-about", `On the probe, “${characters.join("")}”, at step ${attention.step}. Each square is a head: in the row of a character, `
    + "it looks at the characters of the colored columns; the more color, the more weight. One row per layer, the first at the top.");
  write("attention-cell", "Point at a square, or use arrow keys on it, to read its weights.");
  const color = getComputedStyle(document.body).getPropertyValue("--validation");
  box.style.setProperty("--heads", String(attention.heads));
  box.replaceChildren(...Array.from({ length: attention.layers * attention.heads }, (_, place) => {
    const number = `${Math.floor(place / attention.heads)}.${place % attention.heads}`;
    /** The weight is its square. */
    const root = (/** @type {number} */ query, /** @type {number} */ key) => bytes[place * size + query * (query + 1) / 2 + key] / 255;
    return element("figure", {}, drawMap(`head ${number}`, characters, root, color), element("figcaption", {}, number));
  }));
}

/**
 * The map of a head, which says the weight of the cell that one points at or walks to.
 * @param {string} name
 * @param {string[]} characters
 * @param {(query: number, key: number) => number} root
 * @param {string} color
 */
function drawMap(name, characters, root, color) {
  const length = characters.length, last = length - 1;
  const canvas = /** @type {HTMLCanvasElement} */ (element("canvas", { role: "img", tabindex: "0", width: String(length), height: String(length) }));
  const pen = canvas.getContext("2d");
  pen.fillStyle = color;
  let most = 0;
  for (let query = 0; query < length; query++) {
    for (let key = 0; key <= query; key++) {
      pen.globalAlpha = root(query, key);
      pen.fillRect(key, query, 1, 1);
      if (query === last && root(query, key) > root(query, most)) most = key;
    }
  }
  const say = (/** @type {number} */ query, /** @type {number} */ key) =>
    `${name}: ${characters[query]}, character ${query + 1}, looks at ${characters[key]}, character ${key + 1}: ${(100 * root(query, key) ** 2).toFixed(0)} %`;
  canvas.setAttribute("aria-label", say(last, most));
  const point = (/** @type {PointerEvent} */ event) => {
    const rectangle = canvas.getBoundingClientRect();
    const cell = (/** @type {number} */ distance, /** @type {number} */ whole) => Math.min(last, Math.max(0, Math.floor(distance / whole * length)));
    const query = cell(event.clientY - rectangle.top, rectangle.height), key = cell(event.clientX - rectangle.left, rectangle.width);
    write("attention-cell", key <= query ? say(query, key) : `${name}: no character looks at a later one`);
  };
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
  let [query, key] = [last, most];
  canvas.addEventListener("keydown", event => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    query = Math.min(last, Math.max(0, query + move[0]));
    key = Math.min(query, Math.max(0, key + move[1]));
    write("attention-cell", say(query, key));
  });
  return canvas;
}
