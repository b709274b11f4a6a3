"""Runs tinygpt and PyTorch alternately and prints medians and ratios as a Markdown table."""
import json
import os
import statistics
import subprocess
import sys
import time
from functools import partial

from progress import note

TINYGPT = ".build/release/tinygpt"
PEER = [sys.executable, "scripts/pytorch_peer.py"]
# With tinygpt built for AVX2, the others are kept to it as well: ATen, MKL, oneDNN and OpenBLAS.
IS_AVX2 = os.environ.get("TINYGPT_CPU") == "x86-64-v3"
if IS_AVX2:
    os.environ.update(ATEN_CPU_CAPABILITY="avx2", MKL_ENABLE_INSTRUCTIONS="AVX2", ONEDNN_MAX_CPU_ISA="AVX2")
# PyTorch emulates bfloat16 where the CPU has no instruction for it, 44 to 499 times slower (pytorch/pytorch#146508).
CPU_FLAGS = open("/proc/cpuinfo").read()
HAS_BFLOAT16 = not IS_AVX2 and ("avx512_bf16" in CPU_FLAGS or "amx_bf16" in CPU_FLAGS)


def run(command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def bench(*arguments):
    return run([TINYGPT, "bench", *arguments, "--threads", "2", "--json"])


def peer(*arguments):
    return run([*PEER, *arguments])


def compiled_step(preset, batch, mode):
    """A step that PyTorch has compiled; None where that crashes, as 2.13 does with AVX-512 on an Emerald Rapids CPU."""
    try:
        return peer("step", preset, str(batch), f"compiled {mode}")
    except subprocess.CalledProcessError as error:
        if error.returncode > 0: raise
        note(f"PyTorch compiled {mode}: {error}")
        return None


def alternately(what, rounds, ours, *theirs):
    """The results of each command, run one after the other in every round."""
    results = []
    for number in range(rounds):
        note(f"{what}: round {number + 1} of {rounds}")
        results.append([command() for command in (ours, *theirs)])
    return list(zip(*results))


def openblas():
    """Debian's and NumPy's OpenBLAS know the newest AMD CPUs only without AVX-512, so it is told what to use."""
    core = {"OPENBLAS_CORETYPE": "Haswell" if IS_AVX2 else "SkylakeX"} if "avx512f" in CPU_FLAGS else {}
    code = """
import json, time, numpy
for m, k, n in [(4096, 384, 1536), (4096, 1536, 384), (1536, 1536, 1536)]:
    a, b = numpy.random.rand(m, k).astype("f"), numpy.random.rand(k, n).astype("f")
    c, best = a @ b, 1e9
    for _ in range(20):
        start = time.perf_counter()
        numpy.matmul(a, b, out=c)
        best = min(best, time.perf_counter() - start)
    print(json.dumps({"gflops": 2 * m * k * n / best / 1e9}))
"""
    environment = {**os.environ, **core, "OPENBLAS_NUM_THREADS": "2"}
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    return [json.loads(line) for line in output.stdout.splitlines()]


def help_milliseconds():
    """How long `tinygpt --help` takes, with what it takes to start a process from here."""
    def once():
        start = time.perf_counter()
        subprocess.run([TINYGPT, "--help"], check=True, capture_output=True)
        return 1000 * (time.perf_counter() - start)
    return statistics.median(once() for _ in range(21))


def each(results, key, index=0):
    """One figure of every round."""
    return [result[index][key] for result in results]


def mean_of_each(results, key, indices):
    return [statistics.mean(result[index][key] for index in indices) for result in results]


def significant(number):
    """Four digits, without an exponent."""
    return f"{number:.0f}" if number >= 1000 else f"{number:.4g}"


class Comparison:
    """A row of the table: the medians of both sides, and how much better ours is.

    That is the median of the rounds' own ratios: a machine that is shared changes its speed from one minute to the next.
    What ran in the same round ran shortly one after the other; medians of each side alone may come from different times.
    """

    def __init__(self, what, unit, against, ours, theirs, smaller_is_better=False):
        self.ratios = [b / a if smaller_is_better else a / b for a, b in zip(ours, theirs)]
        self.ratio = statistics.median(self.ratios)
        self.cells = [what, *(f"{significant(statistics.median(side))} {unit}" for side in (ours, theirs)), against]

    def __str__(self):
        rounds = f"{min(self.ratios):.2f} to {max(self.ratios):.2f}"
        return "| " + " | ".join([*self.cells, f"{self.ratio:.2f}x", rounds]) + " |"


def main():
    rounds = int(sys.argv[1])
    rows = []

    ours, theirs, peak, blas = alternately(
        "matrix products", rounds, lambda: bench("matmul"), lambda: peer("matmul"), lambda: bench("peak"), openblas)
    for key, form in (("gflops", "matrix product"), ("input_gradient_gflops", "gradient of a product's input"),
                      ("weight_gradient_gflops", "gradient of a product's weight")):
        shapes = [Comparison(f"{form}, median of seven shapes", "GFLOP/s", "PyTorch f32",
                             each(ours, key, shape), each(theirs, key, shape)) for shape in range(7)]
        rows.append(sorted(shapes, key=lambda shape: shape.ratio)[len(shapes) // 2])
    largest = mean_of_each(ours, "gflops", (4, 5, 6))
    what = "matrix product, mean of the three largest"
    rows.append(Comparison(what, "GFLOP/s", "measured peak of multiply-adds", largest, each(peak, "gflops")))
    rows.append(Comparison(what, "GFLOP/s", "OpenBLAS", largest, mean_of_each(blas, "gflops", (0, 1, 2))))

    for preset, batch in (("cpu", 12), ("baby", 16)):
        steps = "40" if preset == "cpu" else "6"
        model = f"{preset}, batch {batch}"
        mode = "bf16" if HAS_BFLOAT16 else "f32"
        options = ("step", "--preset", preset, "--batch", str(batch), "--steps", steps)
        ours, peak, modern, eager, compiled = alternately(
            f"training step, {model}", rounds,
            lambda: bench(*options, "--architecture", "classic"), lambda: bench("peak"),
            lambda: bench(*options, "--architecture", "modern"),
            lambda: peer("step", preset, str(batch), "eager f32"),
            lambda: compiled_step(preset, batch, mode))
        for theirs, against in ((eager, "PyTorch eager f32"), (compiled, f"PyTorch compiled {mode}")):
            if None in theirs: continue
            rows.append(Comparison(f"training step, {model}", "ms", against,
                                   each(ours, "median_ms"), each(theirs, "median_ms"), smaller_is_better=True))
        rows.append(Comparison(f"training step, {model}", "GFLOP/s", "measured peak of multiply-adds",
                               each(ours, "gflops"), each(peak, "gflops")))
        rows.append(Comparison(f"training step, {model}, modern", "ms", "tinygpt's classic architecture",
                               each(modern, "median_ms"), each(ours, "median_ms"), smaller_is_better=True))
        rows.append(Comparison(f"peak memory, {model}", "MB", "PyTorch eager f32",
                               each(ours, "peak_rss_mb"), each(eager, "peak_rss_mb"), smaller_is_better=True))

    for preset in ("cpu", "baby"):
        # For about as long as the peer, but no more than a second or two.
        length = "12000" if preset == "cpu" else "2000"
        formats = ("f32", "bf16", "q8") if preset == "baby" else ("f32",)
        options = ("sample", "--preset", preset, "--length", length)
        theirs, *ours = alternately(
            f"sampling, {preset}", rounds, lambda: peer("sample", preset),
            *(partial(bench, *options, "--weights", weights) for weights in formats))
        for weights, results in zip(formats, ours):
            what = f"sampling one text, {preset}" + ("" if weights == "f32" else f", weights in {weights}")
            rows.append(Comparison(what, "characters/s", "PyTorch without a cache",
                                   each(results, "tokens_per_s"), each(theirs, "tokens_per_s")))

    print("| measurement | tinygpt | baseline | compared with | ratio | range of rounds |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(row)
    print(f"\n`tinygpt --help` takes {help_milliseconds():.0f} ms.")


if __name__ == "__main__":
    main()
