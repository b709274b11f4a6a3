"""Measures how much tinygpt's presets and nanoGPT's recipe in PyTorch learn in a given time, and draws it."""
import argparse
import csv
import json
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile

from progress import note

TINYGPT = ".build/release/tinygpt"
PRESETS = ["cpu", "fast"]
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
COLORS = {"nanoGPT's recipe in PyTorch": "#6b7280", "cpu": "#b45309", "fast": "#0b69c7"}


def step_seconds(preset):
    command = [TINYGPT, "bench", "step", "--preset", preset, "--threads", "2", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["median_ms"] / 1000


def train(text, *options):
    """Steps, seconds of training without validations, and the loss on the whole validation split after them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([TINYGPT, "train", text, *options, "--eval-every", "1000000", "--threads", "2", "--quiet",
                        "--run", f"{folder}/run"], check=True)
        rows = list(csv.DictReader(open(f"{folder}/run/metrics.csv")))
        last = [row for row in rows if row["split"] == "val"][-1]
        return int(last["step"]), float(last["seconds"]), float(last["loss"])


def parts(text):
    """What each part of a recipe gives: seconds, loss, and the change of the loss by the row before, one seed."""
    print("| training | steps | seconds | validation loss | change |")
    print("|---|---|---|---|---|")
    before = None
    for name, options in PARTS:
        note(name)
        steps, seconds, loss = train(text, *options)
        change = f"{loss - before:+.3f}" if before else ""
        print(f"| {name} | {steps} | {seconds:.0f} | {loss:.3f} | {change} |", flush=True)
        before = loss


def peer(text):
    """The same of nanoGPT's CPU recipe in PyTorch, along one run of it."""
    command = [sys.executable, "scripts/pytorch_peer.py", "train", text]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [(row["seconds"], row["val_loss"]) for row in map(json.loads, output.splitlines())]


def svg(curves):
    """Loss over seconds, on a logarithmic axis, a line for each recipe."""
    width, height, left, right, top, bottom = 720, 380, 52, 16, 16, 44
    points = [point for _, curve in curves for point in curve]
    first, last = (math.log10(limit(seconds for seconds, _ in points)) for limit in (min, max))
    low, high = (limit(loss for _, loss in points) for limit in (min, max))
    low, high = math.floor(low * 10) / 10, min(2.6, math.ceil(high * 10) / 10)

    def x(seconds):
        return left + (math.log10(seconds) - first) / (last - first) * (width - left - right)

    def y(loss):
        return top + (high - loss) / (high - low) * (height - top - bottom)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
             f'<title>Validation loss over seconds of training</title><rect width="{width}" height="{height}" fill="#fff"/>']
    for tick in range(round(low * 10), round(high * 10) + 1, 2):
        parts.append(f'<path d="M{left} {y(tick / 10):.1f}H{width - right}" stroke="#e5e7eb"/>'
                     f'<text x="{left - 8}" y="{y(tick / 10) + 4:.1f}" text-anchor="end" fill="#374151">{tick / 10:.1f}</text>')
    for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600):
        if first <= math.log10(seconds) <= last:
            label = f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"
            parts.append(f'<text x="{x(seconds):.1f}" y="{height - 22}" text-anchor="middle" fill="#374151">{label}</text>')
    parts.append(f'<text x="{(left + width - right) / 2}" y="{height - 4}" text-anchor="middle" fill="#374151">'
                 'training time (logarithmic); validation loss in nats per character</text>')
    for place, (name, curve) in enumerate(curves):
        shown = [(x(seconds), y(loss)) for seconds, loss in curve if loss <= high]
        path = "L".join(f"{a:.1f} {b:.1f}" for a, b in shown)
        parts.append(f'<path d="M{path}" fill="none" stroke="{COLORS[name]}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="{COLORS[name]}"/>' for a, b in shown]
        label = name if name.startswith("nanoGPT") else f"tinygpt --preset {name}"
        parts.append(f'<text x="{width - right - 4}" y="{top + 18 + 20 * place}" text-anchor="end" fill="{COLORS[name]}">{label}</text>')
    return "\n".join(parts) + "\n</svg>\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", default="data/tinyshakespeare.txt")
    parser.add_argument("--seconds", default="15,60,300", help="training times, separated by commas")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--svg", default="learning.svg")
    parser.add_argument("--parts", action="store_true", help="only what each part of the recipes gives")
    options = parser.parse_args()
    if options.parts:
        return parts(options.text)
    budgets = [float(seconds) for seconds in options.seconds.split(",")]

    note("nanoGPT's recipe in PyTorch, 2000 steps")
    curves = [("nanoGPT's recipe in PyTorch", peer(options.text))]
    rows = []
    for preset in PRESETS:
        per_step, curve = step_seconds(preset), []
        for budget in budgets:
            steps = max(1, round(budget / per_step))
            runs = []
            for seed in range(1, options.seeds + 1):
                note(f"--preset {preset}, {steps} steps for {budget:.0f} s, seed {seed} of {options.seeds}")
                runs.append(train(options.text, "--preset", preset, "--steps", str(steps), "--seed", str(seed)))
            seconds, losses = statistics.mean(run[1] for run in runs), [run[2] for run in runs]
            spread = f" ± {statistics.stdev(losses):.3f}" if len(losses) > 1 else ""
            curve.append((seconds, statistics.mean(losses)))
            rows.append((f"`--preset {preset}`", steps, f"{seconds:.0f}", f"{statistics.mean(losses):.3f}{spread}"))
        curves.append((preset, curve))
    for seconds, loss in curves[0][1][-1:]:
        rows.append(("nanoGPT's recipe in PyTorch", 2000, f"{seconds:.0f}", f"{loss:.3f}"))

    print("| recipe | steps | seconds | validation loss |")
    print("|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    pathlib.Path(options.svg).write_text(svg(curves))
    print()
    parts(options.text)


if __name__ == "__main__":
    main()
