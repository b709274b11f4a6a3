// Weights as colors: lightness goes evenly from the box's own color, so that little stays quiet and much stands out.

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const ramps = {
  light: ["#ffffff", "#fdeedd", "#fbd9b5", "#f5bb83", "#e8965a", "#cf6d35", "#a8481c", "#742c0c", "#431503"],
  dark: ["#1c1916", "#3a2416", "#5c3216", "#824316", "#aa5a1c", "#d07a33", "#eba368", "#fbd0a6", "#fff2e0"],
  lightCool: ["#ffffff", "#e6eef8", "#c5d8ee", "#97b9df", "#6697cb", "#3d74b1", "#265590", "#173a69", "#0a2040"],
  darkCool: ["#1c1916", "#1b2936", "#1d3a54", "#215074", "#2b6a99", "#4689bb", "#75acd6", "#aed0ea", "#e4f1fb"],
};

/** 256 colors as [red, green, blue]: of weights, and of what lowers or is expected. @type {number[][]} */
let ramp = [];
/** @type {number[][]} */
let coolRamp = [];

/** @param {string[]} stops @returns {number[][]} */
function rampOf(stops) {
  const colors = stops.map(text => [1, 3, 5].map(at => parseInt(text.slice(at, at + 2), 16)));
  return Array.from({ length: 256 }, (_, i) => {
    const place = i / 255 * (colors.length - 1), from = Math.min(colors.length - 2, Math.floor(place)), part = place - from;
    return colors[from].map((channel, c) => Math.round(channel + (colors[from + 1][c] - channel) * part));
  });
}

function chooseRamps() {
  // Paper is white.
  const isDark = darkScheme.matches && !matchMedia("print").matches;
  ramp = rampOf(isDark ? ramps.dark : ramps.light);
  coolRamp = rampOf(isDark ? ramps.darkCool : ramps.lightCool);
  // The example in the introduction.
  const { style } = document.documentElement;
  for (const [name, color] of [["--some", css(ramp[48])], ["--more", css(ramp[96])], ["--on-tint", inkOn(ramp[96])]]) {
    style.setProperty(name, color);
  }
}

/** @param {number[][]} colors @param {number} level from 0 to 1 */
function stepOf(colors, level) { return colors[Math.round(Math.max(0, Math.min(1, level)) * 255)]; }

/** The color of a level from -1 to 1: cool below 0. @param {number} level @returns {number[]} */
function colorOf(level) { return level < 0 ? stepOf(coolRamp, -level) : stepOf(ramp, level); }

/** @param {number[]} color @returns {string} */
function css(color) { return `rgb(${color.join(" ")})`; }

/** Relative luminance (WCAG 2.2). @param {number[]} color */
function luminance(color) {
  const [r, g, b] = color.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Of black and white the one with more contrast, which is 4.58 or more on every color. @param {number[]} color @returns {string} */
function inkOn(color) { return luminance(color) > 0.1791 ? "#000000" : "#ffffff"; }

/** Tints an element, and colors its letters to match. @param {HTMLElement} node @param {number} level from -1 to 1 */
function tint(node, level) {
  const color = colorOf(level), isBlank = Math.abs(level) < 0.004;
  node.style.backgroundColor = isBlank ? "" : css(color);
  node.style.color = isBlank ? "" : inkOn(color);
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

/** What the legend is marked with: a weight and its level on the chosen scale. @returns {[string, number][]} */
function legendTicks() {
  switch (state.scale) {
    case "linear": return [["0", 0], ["25 %", 0.25], ["50 %", 0.5], ["75 %", 0.75], ["100 %", 1]];
    case "log": return [["0.01 %", 0], ["0.1 %", 0.25], ["1 %", 0.5], ["10 %", 0.75], ["100 %", 1]];
    case "row": return [["0", 0], ["half", 0.5], ["largest", 1]];
    default: return [["0", 0], ["6 %", 0.25], ["25 %", 0.5], ["56 %", 0.75], ["100 %", 1]];
  }
}
