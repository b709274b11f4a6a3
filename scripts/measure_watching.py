"""Measures what watching a training costs, plans against what happens, and the start on a large text. See measure-watching.sh."""
import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TINYGPT = str(ROOT / ".build/release/tinygpt")
TEXT = str(ROOT / "data/tinyshakespeare.txt")
# Functions by what they are for, as they appear in mangled names.
PARTS = {
    "the page of the run": r"RunPage|NGramModels|VerbatimPassages",
    "the live board": r"TrainingBoard|TrainingDisplay|LiveRegion|LiveScreen|LineChart",
    "event files": r"EventLog",
}


def in_terminal(command):
    """Runs a command in a pseudo-terminal of 120 x 40, whose screen is not looked at."""
    process, descriptor = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.execvp(command[0], command)
    try:
        while os.read(descriptor, 1 << 16):
            pass
    except OSError:
        pass
    if os.waitpid(process, 0)[1]:
        sys.exit(f"{' '.join(command)} failed")


def costs(folder):
    """The share of processor time that the board, the page and event files take, from samples of the stack."""
    if shutil.which("perf") is None or subprocess.run(["perf", "record", "-q", "-o", "/dev/null", "true"]).returncode:
        return print("perf cannot sample here; what watching costs is not measured\n")
    print("| training with board, page and --tensorboard | " + " | ".join(PARTS) + " | together |\n|---|" + "---|" * 4)
    for name, options in [("cpu, 2000 steps", []), ("fast, 1000 steps", ["--preset", "fast", "--steps", "1000"])]:
        data = folder / "perf.data"
        in_terminal(["perf", "record", "-q", "-g", "-F", "300", "-o", str(data), TINYGPT, "train", TEXT, "--tensorboard",
                     "--run", str(folder / name), *options])
        stacks = subprocess.run(["perf", "script", "-i", str(data), "-F", "ip,sym"], capture_output=True, text=True).stdout
        stacks = [stack for stack in stacks.split("\n\n") if stack.strip()]
        shares = [100 * sum(bool(re.search(part, stack)) for stack in stacks) / len(stacks) for part in PARTS.values()]
        print(f"| {name} | " + " | ".join(f"{share:.2f} %" for share in [*shares, sum(shares)]) + " |", flush=True)


def measured(command):
    """Seconds and peak memory in MB of a command, and what it printed."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{output}")
    return time.monotonic() - start, usage.ru_maxrss / 1e3, output


def seconds_of(duration):
    """The seconds of a duration such as 1m 05s."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)([hms])", duration))


def plans(folder):
    print("| training | planned | took | planned memory | used |\n|---|---|---|---|---|")
    trainings = [("cpu", ["--steps", "1500"]), ("fast", ["--preset", "fast", "--steps", "500"]),
                 ("baby, batch 8", ["--preset", "baby", "--batch", "8", "--steps", "40", "--eval-every", "20"])]
    for number, (name, options) in enumerate(trainings):
        plan = measured([TINYGPT, "train", TEXT, "--plan", *options])[2]
        duration = seconds_of(re.search(r"about ((?:\d+[hms] ?)+)", plan[plan.index("time "):])[1])
        memory = float(re.search(r"about ([\d.]+) MB", plan)[1])
        seconds, used, _ = measured([TINYGPT, "train", TEXT, "--plain", "--run", str(folder / f"plan{number}"), *options])
        print(f"| {name} | {duration:.0f} s | {seconds:.0f} s ({100 * (seconds / duration - 1):+.0f} %) "
              f"| {memory:.0f} MB | {used:.0f} MB ({100 * (used / memory - 1):+.0f} %) |", flush=True)
    minutes = [("cpu", []), ("fast", ["--preset", "fast"]), ("baby, batch 2", ["--preset", "baby", "--batch", "2", "--eval-every", "100"])]
    for number, (name, options) in enumerate(minutes * 2):
        run = folder / f"minutes{number}"
        seconds, _, _ = measured([TINYGPT, "train", TEXT, "--minutes", "1", "--run", str(run), *options])
        steps = json.loads((run / "config.json").read_text())["training"]["steps"]
        print(f"| {name}, --minutes 1 ({steps} steps) | 60 s | {seconds:.0f} s ({100 * (seconds / 60 - 1):+.0f} %) | | |", flush=True)


def large_text(folder):
    path, text = folder / "large.txt", pathlib.Path(TEXT).read_text()
    with open(path, "w") as file:
        while file.tell() < 300_000_000:
            file.write(text)
    run = folder / "large"
    start = time.monotonic()
    process = subprocess.Popen([TINYGPT, "train", str(path), "--run", str(run), "--steps", "1", "--val-fraction", "0.001"],
                               stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("run "):
            break
    begun = time.monotonic() - start
    process.stderr.read()
    _, _, usage = os.wait4(process.pid, 0)
    print(f"\na text of {path.stat().st_size / 1e6:.0f} MB: training begins after {begun:.1f} s, "
          f"the peak of memory is {usage.ru_maxrss / 1e3:.0f} MB")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    # The kernel counts the memory of the process that starts a program as that program's, so that which needs most is the last.
    plans(folder)
    large_text(folder)
    print()
    costs(folder)
