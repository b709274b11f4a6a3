// Where every head looked on the text of the probe, at the newest validation: a square for each, a row for each character.

function drawAttention() {
  const attention = data.attention, box = document.getElementById("maps");
  document.getElementById("attention").hidden = !attention;
  if (!attention) return;
  const bytes = Uint8Array.from(atob(attention.maps), sign => sign.charCodeAt(0));
  /** @type {string[]} */
  const characters = attention.characters.map((/** @type {string} */ character) => character === " " ? "␣" : character === "\n" ? "⏎" : visible(character));
  const length = characters.length, size = length * (length + 1) / 2;
  write("attention-about", `On the probe, “${characters.join("")}”, at step ${attention.step}. Each square is a head: in the row of a character, `
    + "it looks at the characters of the colored columns; the more color, the more weight. One row per layer, the first at the top.");
  const color = getComputedStyle(document.body).getPropertyValue("--validation");
  box.style.setProperty("--heads", String(attention.heads));
  box.replaceChildren(...Array.from({ length: attention.layers * attention.heads }, (_, place) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element("canvas", { role: "img", width: String(length), height: String(length) }));
    const pen = canvas.getContext("2d"), name = `head ${Math.floor(place / attention.heads)}.${place % attention.heads}`;
    pen.fillStyle = color;
    /** The weight is the square of its byte. */
    const root = (/** @type {number} */ query, /** @type {number} */ key) => bytes[place * size + query * (query + 1) / 2 + key] / 255;
    const say = (/** @type {number} */ query, /** @type {number} */ key) =>
      `${name}: ${characters[query]}, character ${query + 1}, looks at ${characters[key]}, character ${key + 1}: ${(100 * root(query, key) ** 2).toFixed(0)} %`;
    let most = 0;
    for (let query = 0; query < length; query++) {
      for (let key = 0; key <= query; key++) {
        pen.globalAlpha = root(query, key);
        pen.fillRect(key, query, 1, 1);
        if (query === length - 1 && root(query, key) > root(query, most)) most = key;
      }
    }
    canvas.setAttribute("aria-label", say(length - 1, most));
    canvas.addEventListener("pointermove", event => {
      const rectangle = canvas.getBoundingClientRect();
      const cell = (/** @type {number} */ distance, /** @type {number} */ whole) => Math.min(length - 1, Math.max(0, Math.floor(distance / whole * length)));
      const query = cell(event.clientY - rectangle.top, rectangle.height), key = cell(event.clientX - rectangle.left, rectangle.width);
      write("attention-cell", key <= query ? say(query, key) : `${name}: no character looks at a later one`);
    });
    return element("figure", {}, canvas, element("figcaption", {}, name.slice(5)));
  }));
}
