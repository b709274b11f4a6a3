"""Times 100 steps of micrograd's MLP on two half moons, in turns with the lesson `moons`; see compare-with-micrograd.sh."""

import math
import random
import re
import statistics
import subprocess
import sys
import time

from micrograd.engine import Value
from micrograd.nn import MLP

STEPS = 100
LEAST = 100


def moons(count):
    """Points and labels as the lesson makes them: two half circles and a little noise."""
    points = []
    for index in range(count):
        angle = index % (count // 2) / (count // 2 - 1) * math.pi
        first = index < count // 2
        x, y = (math.cos(angle), math.sin(angle)) if first else (1 - math.cos(angle), 0.5 - math.sin(angle))
        points.append(([random.gauss(x, 0.1), random.gauss(y, 0.1)], -1 if first else 1))
    return points


def micrograd_seconds():
    """The seconds of the training, and the share of points that it gets right."""
    random.seed(1)
    data = moons(100)
    model = MLP(2, [16, 16, 1])
    start = time.perf_counter()
    for step in range(STEPS):
        scores = [model([Value(number) for number in point]) for point, _ in data]
        margins = [(1 + -label * score).relu() for score, (_, label) in zip(scores, data)]
        loss = sum(margins) * (1 / len(margins)) + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        rate = 1 - 0.9 * step / STEPS
        for parameter in model.parameters():
            parameter.data -= rate * parameter.grad
    seconds = time.perf_counter() - start
    right = sum((model(point).data > 0) == (label > 0) for point, label in data) / len(data)
    return seconds, right


def lesson_seconds():
    page = subprocess.run([".build/release/lessons", "moons"], capture_output=True, text=True, check=True).stdout
    return float(re.search(rf"^{STEPS} steps in ([0-9.]+) seconds$", page, re.M).group(1))


rounds = int(sys.argv[1])
ratios = []
for number in range(1, rounds + 1):
    ours = lesson_seconds()
    theirs, right = micrograd_seconds()
    ratios.append(theirs / ours)
    print(f"round {number}: micrograd {theirs:.2f} s ({right:.0%} right), lesson {ours:.4f} s, {ratios[-1]:.0f} times", flush=True)
ratio = statistics.median(ratios)
print(f"the lesson is {ratio:.0f} times as fast as micrograd, the median of {rounds} rounds")
if ratio < LEAST:
    sys.exit(f"expected at least {LEAST} times")
