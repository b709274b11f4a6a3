"""Runs tinygpt and PyTorch alternately and prints the medians and their ratio as a Markdown table."""
import json
import statistics
import subprocess
import sys

TINYGPT = ".build/release/tinygpt"
PEER = [sys.executable, "scripts/pytorch_peer.py"]


def run(command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def bench(*arguments):
    return run([TINYGPT, "bench", *arguments, "--threads", "2", "--json"])


def peer(*arguments):
    return run([*PEER, *arguments])


def alternately(rounds, ours, *theirs):
    """The results of each command, run one after the other in every round."""
    results = [[command() for command in (ours, *theirs)] for _ in range(rounds)]
    return list(zip(*results))


def openblas():
    """Debian's and NumPy's OpenBLAS know the newest AMD CPUs only without AVX-512, so it is told to use that."""
    import os
    wide = {"OPENBLAS_CORETYPE": "SkylakeX"} if "avx512f" in open("/proc/cpuinfo").read() else {}
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
    environment = {**os.environ, **wide, "OPENBLAS_NUM_THREADS": "2"}
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    return [json.loads(line) for line in output.stdout.splitlines()]


def median(results, key, index=0):
    return statistics.median(result[index][key] for result in results)


def significant(number):
    """Four digits, without an exponent."""
    return f"{number:.0f}" if number >= 1000 else f"{number:.4g}"


def main():
    rounds = int(sys.argv[1])
    rows = []

    ours, theirs, peak, blas = alternately(
        rounds, lambda: bench("matmul"), lambda: peer("matmul"), lambda: bench("peak"), openblas)
    speeds = [(median(ours, "gflops", i), median(theirs, "gflops", i)) for i in range(len(ours[0]))]
    middle = sorted(speeds, key=lambda pair: pair[0] / pair[1])[len(speeds) // 2]
    rows.append(("matrix product, median of seven shapes", *middle, "GFLOP/s", "PyTorch f32", True))

    largest = [median(ours, "gflops", i) for i in (4, 5, 6)]
    rows.append(("matrix product, mean of the three largest", statistics.mean(largest), median(peak, "gflops"), "GFLOP/s",
                 "measured peak of multiply-adds", True))
    rows.append(("matrix product, mean of the three largest", statistics.mean(largest),
                 statistics.mean(median(blas, "gflops", i) for i in range(3)), "GFLOP/s", "OpenBLAS", True))

    for preset, batch in (("cpu", 12), ("baby", 16)):
        steps = "40" if preset == "cpu" else "6"
        ours, eager, compiled = alternately(
            rounds,
            lambda: bench("step", "--preset", preset, "--batch", str(batch), "--steps", steps),
            lambda: peer("step", preset, str(batch), "eager"),
            lambda: peer("step", preset, str(batch), "compiled"))
        name = f"training step, {preset}, batch {batch}"
        rows.append((name, median(ours, "median_ms"), median(eager, "median_ms"), "ms", "PyTorch eager f32", False))
        rows.append(
            (name, median(ours, "median_ms"), median(compiled, "median_ms"), "ms", "PyTorch compiled bf16", False))
        rows.append(
            (f"peak memory, {preset}, batch {batch}", median(ours, "peak_rss_mb"), median(eager, "peak_rss_mb"), "MB",
             "PyTorch eager f32", False))

    for preset in ("cpu", "baby"):
        # For about as long as the peer, but no more than a second or two.
        length = "12000" if preset == "cpu" else "2000"
        ours, theirs = alternately(
            rounds, lambda: bench("sample", "--preset", preset, "--length", length), lambda: peer("sample", preset))
        rows.append(
            (f"sampling one text, {preset}", median(ours, "tokens_per_s"), median(theirs, "tokens_per_s"),
             "characters/s", "PyTorch without a cache", True))

    print("| what | tinygpt | the other | against | better by |")
    print("|---|---|---|---|---|")
    for name, ours, theirs, unit, against, larger_is_better in rows:
        ratio = ours / theirs if larger_is_better else theirs / ours
        print(f"| {name} | {significant(ours)} {unit} | {significant(theirs)} {unit} | {against} | {ratio:.2f}x |")


if __name__ == "__main__":
    main()
