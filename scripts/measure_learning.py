"""Measures how much tinygpt's presets and nanoGPT's recipe in PyTorch learn in a given time, and draws it."""
import argparse
import collections
import csv
import json
import math
import pathlib
import statistics
import subprocess
import tempfile

from compare_with_pytorch import TINYGPT, bench, peer, run
from progress import note

SHORT, LONG = "nanoGPT's recipe for a CPU in PyTorch", "nanoGPT's recipe for a GPU in PyTorch, extrapolated"
# What nanoGPT trains its larger model with, and the validation loss that it publishes for it.
LONG_STEPS, LONG_BATCH, LONG_LOSS = 5000, 64, 1.4697
# Of which a step is measured, as in compare_with_pytorch.py.
MEASURED_BATCH = 16
# What is added to the row before.
PARTS = [
    ("nanoGPT's settings", ["--schedule", "cosine", "--batches", "random", "--learning-rate", "1e-3",
                            "--min-learning-rate", "1e-4"]),
    ("`--preset cpu`", []),
    ("and `--architecture modern`", ["--architecture", "modern"]),
    ("and `--tables trigram`", ["--architecture", "modern", "--tables", "trigram"]),
    ("and `--optimizer muon`", ["--architecture", "modern", "--tables", "trigram", "--optimizer", "muon"]),
    ("`--preset fast`", ["--preset", "fast"]),
]
COLORS = {SHORT: "#6b7280", LONG: "#111827", "cpu": "#b45309", "fast": "#0b69c7", "best": "#15803d", "baby": "#7c3aed"}
# Seconds of training without validations, and losses on the whole validation split: in windows one after another, and in windows
# that begin a quarter of the context apart.
Result = collections.namedtuple("Result", "steps seconds loss sliding_loss")


def step_seconds(preset):
    """The time of a step, as the median of about two seconds."""
    def measure(steps):
        return bench("step", "--preset", preset, "--steps", str(steps))[0]["median_ms"] / 1000
    return measure(min(400, max(4, round(2 / measure(4)))))


def train(text, *options):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([TINYGPT, "train", text, *options, "--eval-every", "1000000", "--threads", "2", "--quiet",
                        "--run", f"{folder}/run"], check=True)
        rows = list(csv.DictReader(open(f"{folder}/run/metrics.csv")))
        last = [row for row in rows if row["split"] == "val"][-1]
        context = json.load(open(f"{folder}/run/config.json"))["model"]["context"]
        sliding = run([TINYGPT, "eval", f"{folder}/run", "--checkpoint", "last", "--stride", str(max(1, context // 4)), "--json",
                       "--quiet"])
        return Result(int(last["step"]), float(last["seconds"]), float(last["loss"]), sliding[0]["loss"])


def parts(text):
    """What each part of a recipe gives: seconds, loss, and the change of the loss by the row before, one seed."""
    print("| training | steps | seconds | validation loss | change |")
    print("|---|---|---|---|---|")
    before = None
    for name, options in PARTS:
        note(name)
        steps, seconds, loss, _ = train(text, *options)
        change = f"{loss - before:+.3f}" if before else ""
        print(f"| {name} | {steps} | {seconds:.0f} | {loss:.3f} | {change} |", flush=True)
        before = loss


def mean(losses):
    spread = f" ± {statistics.stdev(losses):.3f}" if len(losses) > 1 else ""
    return f"{statistics.mean(losses):.3f}{spread}"


def svg(curves):
    """Loss over seconds, on a logarithmic axis, a line for each recipe."""
    width, height, left, right, top, bottom = 720, 380, 52, 16, 16, 44
    points = [point for _, curve in curves for point in curve]
    first, last = (math.log10(limit(seconds for seconds, _ in points)) for limit in (min, max))
    low, high = (limit(loss for _, loss in points) for limit in (min, max))
    low = math.floor(low * 10) / 10
    high = max(low + 0.2, min(2.6, math.ceil(high * 10) / 10))

    def x(seconds):
        return left + (math.log10(seconds) - first) / (last - first) * (width - left - right)

    def y(loss):
        return top + (high - loss) / (high - low) * (height - top - bottom)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
             f'<title>Validation loss over seconds of training</title><rect width="{width}" height="{height}" fill="#fff"/>']
    for tick in range(round(low * 10), round(high * 10) + 1, 2):
        parts.append(f'<path d="M{left} {y(tick / 10):.1f}H{width - right}" stroke="#e5e7eb"/>'
                     f'<text x="{left - 8}" y="{y(tick / 10) + 4:.1f}" text-anchor="end" fill="#374151">{tick / 10:.1f}</text>')
    for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 10800, 36000):
        if first <= math.log10(seconds) <= last:
            label = f"{seconds} s" if seconds < 60 else f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h"
            parts.append(f'<text x="{x(seconds):.1f}" y="{height - 22}" text-anchor="middle" fill="#374151">{label}</text>')
    parts.append(f'<text x="{(left + width - right) / 2}" y="{height - 4}" text-anchor="middle" fill="#374151">'
                 'training time (logarithmic); validation loss in nats per character</text>')
    for place, (name, curve) in enumerate(curves):
        shown = [(x(seconds), y(loss)) for seconds, loss in curve if loss <= high]
        if len(shown) > 1:
            path = "L".join(f"{a:.1f} {b:.1f}" for a, b in shown)
            parts.append(f'<path d="M{path}" fill="none" stroke="{COLORS[name]}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="{COLORS[name]}"/>' for a, b in shown]
        label = name if name in (SHORT, LONG) else f"tinygpt --preset {name}"
        parts.append(f'<text x="{width - right - 4}" y="{top + 18 + 20 * place}" text-anchor="end" fill="{COLORS[name]}">{label}</text>')
    return "\n".join(parts) + "\n</svg>\n"


def row(name, steps, seconds, losses, sliding_losses):
    print(f"| {name} | {steps} | {seconds:.0f} | {mean(losses)} | {mean(sliding_losses) if sliding_losses else ''} |", flush=True)


def short_recipe(text):
    """The curve of nanoGPT's CPU recipe in PyTorch, along one run of it."""
    note(SHORT)
    points = peer("train", text)
    row(SHORT, points[-1]["step"], points[-1]["seconds"], [points[-1]["val_loss"]], [points[-1]["sliding_loss"]])
    return [(point["seconds"], point["val_loss"]) for point in points]


def long_recipe():
    """The end of nanoGPT's other recipe, from the time of a step of a smaller batch: it would take hours."""
    note(LONG)
    per_step = LONG_BATCH / MEASURED_BATCH * peer("step", "baby", str(MEASURED_BATCH), "eager f32")[0]["median_ms"] / 1000
    row(LONG, LONG_STEPS, LONG_STEPS * per_step, [LONG_LOSS], [])
    return [(LONG_STEPS * per_step, LONG_LOSS)], (
        f"Extrapolated: {LONG_STEPS} steps of {per_step:.1f} s, {LONG_BATCH // MEASURED_BATCH} times a measured one of batch "
        f"{MEASURED_BATCH}. The loss is the published one, of random windows.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", default="data/tinyshakespeare.txt")
    parser.add_argument("--presets", default="cpu,fast", help="presets, separated by commas; cpu:300 is one for times up to 300 "
                        "seconds only; with best or baby, nanoGPT's recipe for a GPU is extrapolated from the time of its step")
    parser.add_argument("--seconds", default="15,60,300", help="training times, separated by commas")
    parser.add_argument("--seeds", default="1", help="how many seeds: for all times, or for each of them, separated by commas")
    parser.add_argument("--svg", default="learning.svg")
    parser.add_argument("--parts", action="store_true", help="only what each part of the recipes gives")
    options = parser.parse_args()
    if options.parts:
        return parts(options.text)
    # Each with the longest time for it.
    presets = {name: float(longest or math.inf) for name, _, longest in
               (preset.partition(":") for preset in options.presets.split(","))}
    budgets = [float(seconds) for seconds in options.seconds.split(",")]
    seeds = [int(count) for count in options.seeds.split(",")]
    seeds = seeds * len(budgets) if len(seeds) == 1 else seeds
    if len(seeds) != len(budgets) or min(seeds) < 1:
        parser.error(f"--seeds {options.seeds} is not one number for each of --seconds {options.seconds}")
    if unknown := set(presets) - set(COLORS):
        parser.error(f"no preset is called {', '.join(sorted(unknown))}")

    print("| recipe | steps | seconds | validation loss | in windows a quarter of the context apart |")
    print("|---|---|---|---|---|")
    curves, remark = [(SHORT, short_recipe(options.text))], None
    if {"best", "baby"} & set(presets):
        end, remark = long_recipe()
        curves.append((LONG, end))
    for preset, longest in presets.items():
        per_step, curve = step_seconds(preset), []
        for budget, count in zip(budgets, seeds):
            if budget > longest: continue
            steps, results = max(1, round(budget / per_step)), []
            for seed in range(1, count + 1):
                note(f"--preset {preset}, {steps} steps for {budget:.0f} s, seed {seed} of {count}")
                results.append(train(options.text, "--preset", preset, "--steps", str(steps), "--seed", str(seed)))
            _, seconds, losses, sliding_losses = zip(*results)
            row(f"`--preset {preset}`", steps, statistics.mean(seconds), losses, sliding_losses)
            curve.append((statistics.mean(seconds), statistics.mean(losses)))
        curves.append((preset, curve))
    if remark:
        print(f"\n{remark}")
    pathlib.Path(options.svg).write_text(svg(curves))
    print()
    parts(options.text)


if __name__ == "__main__":
    main()
