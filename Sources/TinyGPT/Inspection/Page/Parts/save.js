// To take away: the map as a drawing, its numbers as files, and the page on paper.

/** @param {string} name @param {BlobPart} content @param {string} type */
function download(name, content, type) {
  const link = element("a"), address = URL.createObjectURL(new Blob([content], { type }));
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** A name for a file, without its ending. */
function fileName() {
  return state.view === "head" ? `attention-layer-${state.layer}-head-${state.head}` : `attention-${state.view}-layer-${state.layer}`;
}

/** From nothing to everything on white paper, as the program draws. */
const paperColors = [
  "#e9f0f4", "#d8e6ee", "#c6dbe9", "#b1cee3", "#98c0db", "#7fafd2", "#679dc8", "#538bbd", "#4479b0", "#3a67a1", "#345692", "#304682",
  "#2e3772", "#2c2b66", "#2b215d", "#2a1853",
];

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, character => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[character]));
}

/** The map as an SVG document, with a path for all cells of one color. @returns {string} */
function drawing() {
  const title = `Attention of ${state.view === "head" ? `layer ${state.layer}, head ${state.head}` : viewName().toLowerCase()}`;
  const count = shownCount(), cell = Math.max(3, Math.min(16, 760 / count)), margin = 24, left = margin + 22, top = margin + 46;
  const number = (/** @type {number} */ value) => String(Math.round(value * 100) / 100);
  const paths = paperColors.map(() => "");
  const levelAt = (/** @type {number} */ q, /** @type {number} */ k) =>
    Math.min(paperColors.length - 1, Math.floor(Math.sqrt(weight(q, k)) * paperColors.length));
  for (let q = 0; q < count; q++) {
    for (let k = reading.firstKey(q); k <= q;) {
      const level = levelAt(q, k), from = k;
      while (k <= q && levelAt(q, k) === level) k++;
      const x = number(left + from * cell);
      paths[level] += `M${x} ${number(top + q * cell)}h${number((k - from) * cell)}v${number(cell)}H${x}z`;
    }
  }
  const write = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ words, size = 11, anchor = "start", more = "") =>
    `<text x="${number(x)}" y="${number(y)}" font-size="${number(size)}" text-anchor="${anchor}" fill="#1d2126"${more}>`
    + `${escaped(words)}</text>\n`;
  const code = ` font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"`, names = reading.characters.map(visible);
  const axes = cell < 7 ? "" : Array.from({ length: count }, (_, i) => {
    const name = names[i].length > 2 ? "·" : names[i], at = (i + 0.5) * cell, size = Math.min(12, cell * 0.8);
    return write(left + at, top - 5, name, size, "middle", code) + write(left - 5, top + at + size * 0.35, name, size, "end", code);
  }).join("");
  const width = Math.max(left + count * cell + margin, 420), end = top + count * cell + 18, height = end + 50, step = 14;
  const boxes = paperColors.map((color, i) =>
    `<rect x="${left + i * step}" y="${number(end)}" width="14" height="10" fill="${color}"/>\n`);
  const legend = boxes.join("") + write(left, end + 24, "0") + write(left + 8 * step, end + 24, "0.25", 11, "middle")
    + write(left + 16 * step, end + 24, "1", 11, "end") + write(left + 16 * step + 12, end + 9, "weight");
  const size = [width, height].map(number);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size.join(" ")}" role="img" font-family="system-ui, Helvetica, Arial, sans-serif">\n<title>${escaped(title)}</title>\n`
    + `<desc>Each row is a character of the text, each column one that it may look at; the darker, the more it takes from there. `
    + `The text: ${escaped(names.slice(0, count).join(""))}</desc>\n<rect width="100%" height="100%" fill="#ffffff"/>\n`
    + write(margin, margin + 8, title, 15, "start", ` font-weight="600"`) + axes
    + paths.map((path, i) => path && `<path fill="${paperColors[i]}" d="${path}" shape-rendering="crispEdges"/>\n`).join("")
    + legend + "</svg>\n";
}

/** A line for each pair. @returns {string} */
function commaSeparated() {
  const quoted = (/** @type {string} */ character) => `"${character.replace(/"/g, '""')}"`;
  const lines = ["query,query_character,key,key_character,weight"];
  for (let q = 0; q < shownCount(); q++) {
    for (let k = reading.firstKey(q); k <= q; k++) {
      lines.push([q, quoted(reading.characters[q]), k, quoted(reading.characters[k]), weight(q, k)].join());
    }
  }
  return lines.join("\r\n") + "\r\n";
}

/** The matrix of queries and keys as NumPy's file of 32-bit floats. @returns {Uint8Array} */
function numpyFile() {
  const count = shownCount(), header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${count}), }`;
  const length = 64 * Math.ceil((10 + header.length + 1) / 64), bytes = new Uint8Array(length + 4 * count * count);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  bytes.set(new TextEncoder().encode(header.padEnd(length - 11) + "\n"), 10);
  const view = new DataView(bytes.buffer, length);
  for (let q = 0; q < count; q++) for (let k = 0; k <= q; k++) view.setFloat32(4 * (q * count + k), weight(q, k), true);
  return bytes;
}

function listenToSaving() {
  /** @type {[string, string, () => BlobPart, string][]} */
  const files = [
    ["save-picture", "svg", drawing, "image/svg+xml"], ["save-csv", "csv", commaSeparated, "text/csv"],
    ["save-npy", "npy", numpyFile, "application/octet-stream"],
  ];
  for (const [button, ending, content, type] of files) {
    byId(button).addEventListener("click", () => { if (reading) download(`${fileName()}.${ending}`, content(), type); });
  }
  // The menu closes where it is left.
  const menu = /** @type {HTMLDetailsElement} */ (document.querySelector(".menu"));
  document.addEventListener("pointerdown", event => { if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false; });
  menu.addEventListener("keydown", event => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  byId("print").addEventListener("click", () => print());
  for (const name of ["beforeprint", "afterprint"]) addEventListener(name, () => { chooseRamps(); draw(false); });
}
