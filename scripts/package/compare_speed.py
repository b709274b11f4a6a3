"""The packed program's start, and the processor time that it takes for the same work as a build for one CPU alone, in alternation and
on one thread, so that other programs disturb little. Usage: compare_speed.py PACKED NATIVE LEVEL"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

packed, native, level = sys.argv[1:]
packed, native = os.path.abspath(packed), os.path.abspath(native)
environment = os.environ | {"TINYGPT_CPU": level}


def seconds(program, *arguments):
    """The processor time of a command, that of the system for it left out."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([program, *arguments], env=environment, cwd=work, check=True, capture_output=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def start():
    begin = time.perf_counter()
    seconds(packed, "--version")
    return 1000 * (time.perf_counter() - begin)


with tempfile.TemporaryDirectory() as work:
    for what, arguments in {
        "training": ["bench", "step", "--threads", "1", "--steps", "100"],
        "sampling": ["bench", "sample", "--threads", "1", "--length", "8000"],
        "matrix products": ["bench", "matmul", "--threads", "1"],
    }.items():
        ratios = [seconds(native, *arguments) / seconds(packed, *arguments) for _ in range(9)]
        print(f"{level} {what}: {statistics.median(ratios):.3f} of the speed of the build for it alone "
              f"({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"{level} start: {min(start() for _ in range(30)):.1f} ms")
