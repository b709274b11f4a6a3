// Weights as colors: even to the eye and to eyes that tell few colors apart, bright on dark paper, dark on bright.

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const ramps = {
  // Lightness falls evenly from paper to a deep blue-violet.
  light: ["#fdfdfb", "#e3ecf1", "#bcd6e6", "#8cb9d8", "#5e97c4", "#3e70aa", "#33488a", "#2a1f5e"],
  // The way of "viridis", from the page's black.
  dark: ["#14171a", "#2d1f4a", "#3f3f80", "#336691", "#268b8e", "#38b07a", "#94d44e", "#fde725"],
};

/** 256 colors as [red, green, blue], for the scheme that the system asks for. @type {number[][]} */
let ramp = [];

function chooseRamp() {
  const colors = (darkScheme.matches ? ramps.dark : ramps.light).map(text =>
    [1, 3, 5].map(at => parseInt(text.slice(at, at + 2), 16)));
  ramp = Array.from({ length: 256 }, (_, i) => {
    const place = i / 255 * (colors.length - 1), from = Math.min(colors.length - 2, Math.floor(place)), part = place - from;
    return colors[from].map((channel, c) => Math.round(channel + (colors[from + 1][c] - channel) * part));
  });
}

/** @param {number} level from 0 to 1 @returns {string} */
function colorOf(level) { return `rgb(${ramp[Math.round(level * 255)].join(" ")})`; }

/** A color for letters on such a ground. @param {number} level @returns {string} */
function inkOn(level) {
  const [r, g, b] = ramp[Math.round(level * 255)];
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#1d2126" : "#ffffff";
}

/** A weight on the chosen scale, from 0 to 1. @param {number} weight @param {number} most the largest of its row */
function levelOf(weight, most) {
  switch (state.scale) {
    case "linear": return Math.min(1, weight);
    case "log": return weight <= 0 ? 0 : Math.max(0, Math.min(1, 1 + Math.log10(weight) / 4));
    case "row": return most > 0 ? weight / most : 0;
    default: return Math.sqrt(Math.min(1, weight));
  }
}
