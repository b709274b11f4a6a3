// Training as a slider over the heads, with the loss as its track, and writing as a replay.

/** The page's own model, the last one of a training. */
const lastModel = model;
/** The models before it, as far as they were asked for: all together at most 30 MB. @type {Model[]} */
const earlierModels = [];

/** The model at a moment of its training. @param {number} moment @returns {Model} */
function modelAt(moment) {
  const { weights, precision } = data.history?.[moment] ?? {};
  return weights ? earlierModels[moment] ??= new Model({ ...data.model, precision }, weights) : lastModel;
}

function drawCurve() {
  if (!data.history) return;
  const canvas = canvasOf("curve"), ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight], context = canvas.getContext("2d");
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  context.scale(ratio, ratio);
  const style = getComputedStyle(document.body);
  /** @type {number[]} */
  const losses = [];
  // Where it was not measured, at the end of a run that was stopped, the curve continues level.
  for (const moment of data.history) losses.push(moment.loss ?? losses[losses.length - 1]);
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  // The slider's thumb is as wide as this on either side of its ends.
  const inset = 8, x = (/** @type {number} */ i) => inset + i / Math.max(1, losses.length - 1) * (width - 2 * inset);
  const y = (/** @type {number} */ loss) => 6 + (high - loss) / (high - low || 1) * (height - 12);
  context.strokeStyle = context.fillStyle = style.getPropertyValue("--accent");
  context.lineWidth = 2;
  context.beginPath();
  losses.forEach((loss, i) => context.lineTo(x(i), y(loss)));
  context.stroke();
  context.beginPath();
  context.arc(x(state.moment), y(losses[state.moment]), 5, 0, 7);
  context.fill();
  const moment = data.history[state.moment];
  byId("moment").textContent = `Step ${moment.step}: `
    + (moment.loss == null ? "validation loss not measured" : `validation loss ${moment.loss.toFixed(4)}`)
    + (moment.loss === low && losses.length > 1 ? ", the best" : "") + keptMoments();
  inputOf("step").value = String(state.moment);
  inputOf("step").setAttribute("aria-valuetext", byId("moment").textContent);
}

/** How many validations the page has no room for; nothing if it has all. */
function keptMoments() {
  const count = data.history.length;
  return count < data.validations ? ` (${count} of ${data.validations} validations are in this page)` : "";
}

function listenToHistory() {
  if (data.history) {
    const slider = inputOf("step");
    byId("history").hidden = false;
    slider.max = String(data.history.length - 1);
    slider.addEventListener("input", () => change({ moment: Number(slider.value) }));
  }
  if (replayStart < text.characters.length) listenToReplay();
}

/** The first character that was written, where the page replays how. @type {number} */
const replayStart = data.replay?.written ?? data.written ?? Infinity;

function listenToReplay() {
  const slider = inputOf("written"), play = byId("play"), count = text.characters.length;
  byId("replay").hidden = false;
  slider.min = String(Math.max(1, replayStart));
  slider.max = String(count);
  slider.value = String(count);
  const moveTo = (/** @type {number} */ written) => {
    slider.value = String(written);
    change({ written, caret: written });
    placeCaret();
  };
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "play"; };
  slider.addEventListener("input", () => { stop(); moveTo(Number(slider.value)); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (state.written >= count) moveTo(Number(slider.min));
    play.textContent = "pause";
    timer = setInterval(() => state.written < count ? moveTo(state.written + 1) : stop(), 150);
  });
}
