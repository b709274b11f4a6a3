"""Measures how much tinygpt's presets and nanoGPT's recipe in PyTorch learn in a given time, and draws it."""
import argparse
import collections
import csv
import datetime
import functools
import json
import math
import pathlib
import re
import statistics
import subprocess
import tempfile

from compare_with_pytorch import CPU_FLAGS, IS_AVX2, TINYGPT, bench, peer, run
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
# A line of the file of results: `budget` is the number of seconds that the steps were chosen for.
Row = collections.namedtuple("Row", "cpu date recipe budget seed step seconds loss sliding_loss")


def step_seconds(preset):
    """The time of a step, as the median of about two seconds."""
    def measure(steps):
        return bench("step", "--preset", preset, "--steps", str(steps))[0]["median_ms"] / 1000
    return measure(min(400, max(4, round(2 / measure(4)))))


@functools.cache
def own_steps(preset, text):
    """The steps that a preset makes by itself on a text."""
    return run([TINYGPT, "train", text, "--preset", preset, "--plan", "--json", "--quiet"])[0]["steps"]


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
    spread = f" ± {statistics.stdev(losses):.3f}" if len(set(losses)) > 1 else ""
    return f"{statistics.mean(losses):.3f}{spread}"


def svg(curves):
    """Loss over seconds, on a logarithmic axis, a line for each recipe, with the names in two columns below."""
    names = 20 * math.ceil(len(curves) / 2)
    width, height, left, right, top, bottom = 720, 380 + names, 52, 16, 16, 52 + names
    points = [point for _, curve in curves for point in curve]
    first, last = (math.log10(limit(seconds for seconds, _ in points)) for limit in (min, max))
    low, high = (limit(loss for _, loss in points) for limit in (min, max))
    low = math.floor(low * 10) / 10
    high = max(low + 0.2, min(2.6, math.ceil(high * 10) / 10))

    def x(seconds):
        return left + (math.log10(seconds) - first) / (last - first or 1) * (width - left - right)

    def y(loss):
        return top + (high - loss) / (high - low) * (height - top - bottom)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
             f'<title>Validation loss over seconds of training</title><rect width="{width}" height="{height}" fill="#fff"/>',
             f'<clipPath id="plot"><rect y="{top}" width="{width}" height="{height - top - bottom}"/></clipPath>']
    for tick in range(round(low * 10), round(high * 10) + 1, 2):
        parts.append(f'<path d="M{left} {y(tick / 10):.1f}H{width - right}" stroke="#e5e7eb"/>'
                     f'<text x="{left - 8}" y="{y(tick / 10) + 4:.1f}" text-anchor="end" fill="#374151">{tick / 10:.1f}</text>')
    for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 10800, 36000):
        if first <= math.log10(seconds) <= last:
            label = f"{seconds} s" if seconds < 60 else f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h"
            parts.append(f'<text x="{x(seconds):.1f}" y="{height - bottom + 22}" text-anchor="middle" fill="#374151">{label}</text>')
    parts.append(f'<text x="{(left + width - right) / 2}" y="{height - bottom + 40}" text-anchor="middle" fill="#374151">'
                 'training time (logarithmic); validation loss in nats per character</text>')
    for place, (name, curve) in enumerate(curves):
        # A line may come from above.
        if len(curve) > 1:
            path = "L".join(f"{x(seconds):.1f} {y(loss):.1f}" for seconds, loss in curve)
            parts.append(f'<path d="M{path}" clip-path="url(#plot)" fill="none" stroke="{COLORS[name]}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x(seconds):.1f}" cy="{y(loss):.1f}" r="3.5" fill="{COLORS[name]}"/>'
                  for seconds, loss in curve if loss <= high]
        label = name if name in (SHORT, LONG) else f"tinygpt --preset {name}"
        row, column = divmod(place, 2)
        at = left + column * (width - left - right) * 0.45
        parts.append(f'<text x="{at:.0f}" y="{height - names + 11 + 20 * row}" fill="{COLORS[name]}">{label}</text>')
    return "\n".join(parts) + "\n</svg>\n"


class Results:
    """A line for each run that has ended, in a file that is written at once, so that hours of measuring can be interrupted. Lines
    of another CPU stay in the file and are ignored."""

    def __init__(self, path):
        self.path, self.cpu = pathlib.Path(path), cpu_name()
        if not self.path.exists() or not self.path.stat().st_size:
            self.path.write_text(",".join(Row._fields) + "\n")
        text = self.path.read_text()
        reader = csv.reader(text.splitlines())
        if tuple(next(reader, ())) != Row._fields:
            raise SystemExit(f"{path} does not begin with {','.join(Row._fields)}: name another file with --results")
        rows = []
        for values in reader:
            try:
                rows.append(Row(*values[:3], *(float(value) if value else None for value in values[3:])))
                if None in rows[-1][5:8]: raise ValueError
            except (TypeError, ValueError):
                raise SystemExit(f"{path}, line {reader.line_num} is no result of a run: {','.join(values)}\ndelete it") from None
        if not text.endswith("\n"):
            raise SystemExit(f"{path}, line {reader.line_num} does not end: delete it")
        self.rows = [row for row in rows if row.cpu == self.cpu]
        if self.rows: note(f"{len(self.rows)} lines of {path}, of {self.dates}, are not measured again")

    @property
    def dates(self):
        return ", ".join(sorted({row.date for row in self.rows}))

    def add(self, recipe, step, seconds, loss, sliding_loss=None, budget=None, seed=None):
        loss, sliding_loss = round(loss, 5), sliding_loss and round(sliding_loss, 5)
        row = Row(self.cpu, datetime.date.today().isoformat(), recipe, budget, seed, step, round(seconds, 2), loss, sliding_loss)
        with self.path.open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(
                int(value) if isinstance(value, float) and value.is_integer() else value for value in row)
        self.rows.append(row)

    def of(self, recipe, **values):
        return [row for row in self.rows
                if row.recipe == recipe and all(getattr(row, key) == value for key, value in values.items())]


def cpu_name():
    """The name that the CPU gives itself, by which its model is often not known, with family and model."""
    fields = dict(re.findall(r"^(model name|cpu family|model)\s*:\s*(.*)$", CPU_FLAGS.split("\n\n")[0], re.M))
    name = f"{fields.get('model name', 'unknown CPU')}, family {fields.get('cpu family')}, model {fields.get('model')}"
    return name + (", AVX-512" if "avx512f" in CPU_FLAGS and not IS_AVX2 else ", AVX2" if "avx2" in CPU_FLAGS else "")


def measure_short_recipe(results, text):
    """The curve of nanoGPT's CPU recipe in PyTorch, along one run of it."""
    note(SHORT)
    for point in peer("train", text):
        results.add(SHORT, point["step"], point["seconds"], point["val_loss"], point.get("sliding_loss"))


def measure_long_recipe(results):
    """The end of nanoGPT's other recipe, from the time of a step of a smaller batch: it would take hours."""
    note(LONG)
    per_step = LONG_BATCH / MEASURED_BATCH * peer("step", "baby", str(MEASURED_BATCH), "eager f32")[0]["median_ms"] / 1000
    results.add(LONG, LONG_STEPS, LONG_STEPS * per_step, LONG_LOSS)


def measure(results, text, presets, seeds):
    """What is not measured yet: PyTorch anew in every sitting, then one seed of every recipe after the other, so that what is there
    after an interruption is balanced."""
    per_step = {}

    def is_measured(preset, budget, seed):
        # Of fast, 2451 steps are measured for 300 seconds: its own 2500 say nothing new.
        return any(row.budget == budget or row.seconds <= budget and row.step >= 0.95 * own_steps(preset, text)
                   for row in results.of(preset, seed=seed))

    wanted = [(seed, preset, budget) for seed in range(1, max(seeds.values()) + 1) for preset, longest in presets.items()
              for budget, count in seeds.items() if seed <= count and budget <= longest and not is_measured(preset, budget, seed)]
    if not wanted: return
    measure_short_recipe(results, text)
    if {"best", "baby"} & set(presets): measure_long_recipe(results)
    for number, (seed, preset, budget) in enumerate(wanted):
        # A shorter time has meanwhile been enough for nearly all of the preset's steps.
        if is_measured(preset, budget, seed): continue
        # As many steps as the seeds before had.
        if before := results.of(preset, budget=budget):
            steps = int(before[0].step)
        else:
            if preset not in per_step: per_step[preset] = step_seconds(preset)
            steps = max(1, min(own_steps(preset, text), round(budget / per_step[preset])))
        left = sum(budget for _, _, budget in wanted[number:])
        note(f"--preset {preset}, {steps} steps for {budget:g} s, seed {seed}; at most {math.ceil(left / 60)} min of training left")
        results.add(preset, *train(text, "--preset", preset, "--steps", str(steps), "--seed", str(seed)), budget=budget, seed=seed)


def summarize(results):
    """The table, and the curves of the picture, from all rows."""
    print("| recipe | steps | seconds | runs | validation loss | in windows a quarter of the context apart |")
    print("|---|---|---|---|---|---|")
    curves = []
    for recipe in COLORS:
        curve = []
        ends = sorted({row.step for row in results.of(recipe)})
        for step in ends:
            rows = results.of(recipe, step=step)
            seconds, losses = statistics.mean(row.seconds for row in rows), [row.loss for row in rows]
            curve.append((seconds, statistics.mean(losses)))
            # Of nanoGPT's recipe, only the end.
            if recipe == SHORT and step != ends[-1]: continue
            sliding = [row.sliding_loss for row in rows if row.sliding_loss is not None]
            name = recipe if recipe in (SHORT, LONG) else f"`--preset {recipe}`"
            print(f"| {name} | {step:.0f} | {seconds:.0f} | {len(rows)} | {mean(losses)} | {mean(sliding) if sliding else ''} |")
        if curve: curves.append((recipe, curve))
    if rows := results.of(LONG):
        per_step = statistics.mean(row.seconds for row in rows) / LONG_STEPS
        print(f"\nExtrapolated: {LONG_STEPS} steps of {per_step:.1f} s, {LONG_BATCH // MEASURED_BATCH} times a measured one of "
              f"batch {MEASURED_BATCH}. The loss is the published one, of random windows.")
    print(f"\nOn two cores of {results.cpu}; {results.dates}.")
    return curves


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", default="data/tinyshakespeare.txt", help="a text of 65 different characters, for which "
                        "PyTorch's model is made")
    parser.add_argument("--presets", default="cpu,fast", help="presets, separated by commas; cpu:300 is one for times up to 300 "
                        "seconds only; with best or baby, nanoGPT's recipe for a GPU is extrapolated from the time of its step")
    parser.add_argument("--seconds", default="15,60,300", help="training times, separated by commas")
    parser.add_argument("--seeds", default="1", help="how many seeds: for all times, or for each of them, separated by commas")
    parser.add_argument("--results", default="learning.csv", help="a line for each run; what is there is not measured again, so "
                        "use another file for another version of the program or another text")
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
    if unknown := set(presets) - (COLORS.keys() - {SHORT, LONG}):
        parser.error(f"no preset is called {', '.join(sorted(unknown))}")

    results, was_interrupted = Results(options.results), False
    try:
        measure(results, options.text, presets, dict(zip(budgets, seeds)))
    except KeyboardInterrupt:
        was_interrupted = True
    if results.rows:
        pathlib.Path(options.svg).write_text(svg(summarize(results)))
    if was_interrupted:
        raise SystemExit(f"interrupted: {options.results} has the runs that ended; the same command measures the others")


if __name__ == "__main__":
    main()
