// Training as a slider, with the loss as its track, and writing as a replay.

function drawCurve() {
  const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("curve")), ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight], context = canvas.getContext("2d");
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  context.scale(ratio, ratio);
  const style = getComputedStyle(document.body), losses = [];
  // Where it was not measured, at the end of a run that was stopped, the curve continues level.
  for (const moment of data.history) losses.push(moment.loss ?? losses[losses.length - 1]);
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  // The slider's thumb is as wide as this on either side of its ends.
  const inset = 8, x = (/** @type {number} */ i) => inset + i / Math.max(1, losses.length - 1) * (width - 2 * inset);
  const y = (/** @type {number} */ loss) => 6 + (high - loss) / (high - low || 1) * (height - 24);
  context.strokeStyle = style.getPropertyValue("--accent");
  context.lineWidth = 2;
  context.beginPath();
  losses.forEach((/** @type {number} */ loss, /** @type {number} */ i) => context.lineTo(x(i), y(loss)));
  context.stroke();
  context.fillStyle = style.getPropertyValue("--accent");
  context.beginPath();
  context.arc(x(state.moment), y(losses[state.moment]), 5, 0, 7);
  context.fill();
  context.fillStyle = style.getPropertyValue("--faint");
  context.font = "12px system-ui, sans-serif";
  context.fillText(high.toFixed(2), 2, height - 6);
  context.textAlign = "right";
  context.fillText(losses[losses.length - 1].toFixed(2), width - 2, height - 6);
  const moment = data.history[state.moment];
  document.getElementById("moment").textContent = `step ${moment.step}, `
    + (moment.loss == null ? "validation loss not measured" : `validation loss ${moment.loss.toFixed(4)}`);
}

function listenToHistory() {
  if (data.history) {
    const slider = /** @type {HTMLInputElement} */ (document.getElementById("step"));
    document.getElementById("history").hidden = false;
    slider.max = slider.value = String(moments.length - 1);
    slider.setAttribute("aria-label", "step of the training");
    slider.addEventListener("input", () => { change({ moment: Number(slider.value) }); paintGrid(); drawCurve(); });
    addEventListener("resize", drawCurve);
    drawCurve();
  }
  if (data.written < count) listenToReplay();
}

function listenToReplay() {
  const slider = /** @type {HTMLInputElement} */ (document.getElementById("written"));
  const play = document.getElementById("play");
  document.getElementById("replay").hidden = false;
  slider.min = String(Math.max(1, data.written));
  slider.max = slider.value = String(count);
  const moveTo = (/** @type {number} */ written) => {
    slider.value = String(written);
    change({ written, pinned: null, paired: null, hovered: null });
    paintGrid();
  };
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "play"; };
  slider.addEventListener("input", () => { stop(); moveTo(Number(slider.value)); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (state.written === count) moveTo(Number(slider.min));
    play.textContent = "pause";
    timer = setInterval(() => state.written < count ? moveTo(state.written + 1) : stop(), 150);
  });
}
