"""Runs the lessons and compares them with their page; see check-lessons.sh."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.dom.minidom

PROGRAM = ".build/release/lessons"
PAGE = pathlib.Path("Sources/Lessons/README.md")
MOST_SECONDS = 30
# What was measured differs from run to run.
MEASURED = re.compile(r"\d[\d.,]*(?= ?(?:s|ms|seconds|minutes|times|GFLOP/s)\b| ?[\w ]+(?:/s|per second)\b)")

failures = 0


def expect(holds, problem):
    global failures
    if not holds:
        failures += 1
        print(f"FAILED: {problem}", flush=True)


def run(*arguments, output=subprocess.PIPE):
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "80"}
    return subprocess.run([PROGRAM, *arguments], stdout=output, stderr=subprocess.PIPE, text=True, env=environment)


def names():
    lines = run().stdout.splitlines()
    listed = lines[lines.index("Lessons:") + 1:]
    return [line.split()[0] for line in listed if line.startswith("  ") and line.split()[0] not in ("all", "help")]


def check_lesson(name, folder):
    """Runs a lesson; returns its page."""
    has_drawing = "--svg FILE" in run(name, "--help").stdout
    drawing = folder / f"{name}.svg"
    # Another process may have taken the cores: only a lesson that is slow twice is slow.
    for _ in range(2):
        start = time.monotonic()
        result = run(name, *(["--svg", str(drawing)] if has_drawing else []))
        seconds = time.monotonic() - start
        if seconds < MOST_SECONDS:
            break
    print(f"{name}: {seconds:.1f} s", flush=True)
    expect(result.returncode == 0, f"{name} exits with {result.returncode}: {result.stderr.strip()}")
    expect(seconds < MOST_SECONDS, f"{name} takes {seconds:.0f} s")
    expect("✓" in result.stdout, f"{name} checks nothing")
    long = [line for line in result.stdout.splitlines() if len(line) > 80]
    expect(not long, f"{name} prints {len(long)} lines of more than 80 columns: {long[:1]}")
    if has_drawing:
        expect(drawing.exists(), f"{name} --svg writes nothing")
        xml.dom.minidom.parse(str(drawing))
    else:
        expect(run(name, "--svg", str(drawing)).returncode == 64, f"{name} takes --svg and draws nothing")
    return result.stdout


def find(part, lines, start):
    """The first place from `start` on where the lines of `part` stand; None if there is none."""
    return next((at for at in range(start, len(lines) - len(part) + 1) if lines[at:at + len(part)] == part), None)


def compare(name, quoted, printed):
    """Compares a quotation, in which `...` stands for lines left out, with a page."""
    def measured(text):
        return [MEASURED.sub("#", line.rstrip()) for line in text.strip("\n").splitlines()]

    lines, at = measured(printed), 0
    parts = re.split(r"(?m)^\.\.\.$\n?", quoted)
    for index, part in enumerate(map(measured, parts)):
        if not part:
            continue
        place = find(part, lines, at)
        if place is None:
            best = max(range(len(part) + 1), key=lambda n: n if find(part[:n], lines, at) is not None else -1)
            return expect(False, f"{PAGE} quotes of {name}, and it does not print: {part[best]!r}")
        expect(index > 0 or place == 0, f"{PAGE}: the quotation of {name} begins after its first line, without '...'")
        at = place + len(part)


def check_page(lessons, pages):
    text = PAGE.read_text()
    for name in lessons:
        expect(re.search(rf"(?m)^## .*`{name}`", text), f"{PAGE} has no section of {name}")
        expect(f"$ lessons {name}\n" in text, f"{PAGE} shows no output of {name}")
    for name, quoted in re.findall(r"```console\n\$ lessons ([a-z]+)\n(.*?)```", text, re.S):
        expect(name in lessons or name in names(), f"{PAGE} shows {name}, which is no lesson")
        if name in pages:
            compare(name, quoted, pages[name])


def check_refusals(lessons, folder):
    def refuses(code, message, *arguments, output=subprocess.PIPE):
        result = run(*arguments, output=output)
        told = result.stderr.strip()
        expect(
            result.returncode == code and re.search(message, told) and len(told.splitlines()) <= 3,
            f"lessons {' '.join(arguments)} exits with {result.returncode}: {told}")

    first = lessons[0]
    refuses(64, f"unknown lesson '{first}x'; did you mean '{first}'\\?", first + "x")
    refuses(64, "unknown option '--svgs'; did you mean '--svg'\\?", "double", "--svgs", "x")
    refuses(64, "unexpected argument 'x'", first, "x")
    missing = folder / "no such folder" / "x.svg"
    refuses(73, f"cannot create '{missing}'", "double", "--svg", str(missing))
    refuses(73, "a folder with that name exists", "double", "--svg", str(folder))
    if os.path.exists("/dev/full"):
        refuses(74, "cannot write to '/dev/full'", "double", "--svg", "/dev/full")
        with open("/dev/full", "w") as full:
            refuses(74, "cannot write to standard output", "double", output=full)
    (folder / "short.txt").write_text("short")
    for name in lessons:
        if "--text FILE" in run(name, "--help").stdout:
            refuses(66, "not there|does not exist|no file", name, "--text", str(folder / "none.txt"))
            refuses(65, "short|characters", name, "--text", str(folder / "short.txt"))


lessons = sys.argv[1:] or names()
with tempfile.TemporaryDirectory() as folder:
    pages = {name: check_lesson(name, pathlib.Path(folder)) for name in lessons}
    check_page(lessons, pages)
    check_refusals(lessons, pathlib.Path(folder))
if failures:
    sys.exit(f"{failures} checks of the lessons failed")
print(f"{len(lessons)} lessons are right, in time, and as their page shows them")
