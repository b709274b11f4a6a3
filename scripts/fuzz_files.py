"""Damages every file that the program reads and runs every command that reads it. Run it with fuzz-files.sh.

A run is a function of the seed and its number, so `--seed S --only N` repeats one. Each must end within two seconds of computing and
300 MB, without a signal, with a documented exit code (64, wrong usage, only where the file still has the right form), with at most 2000
characters on standard error and none of them a control character, and with finite numbers if it ends well.
"""
import argparse
import collections
import json
import math
import multiprocessing
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time

import fuzz_mutations as mutations

SECONDS, MEGABYTES, CHARACTERS = 2, 300, 2000
# Of the short form, which stops after so many seconds, the fewest runs that test anything.
SHORT, FEWEST = 45, 100
CODES = {0, 1, 64, 65, 66, 73, 74}
# States that a run can be in, and that an option or a missing TEXT contradicts.
USAGE = re.compile(r"has already completed \d+ steps|has no text of its own|was trained on standard input|--min-learning-rate|"
                   r"contradict|cannot be changed|adds tables of|was trained on its whole text")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

SAFETENSORS = [mutations.change_safetensors] * 5 + [mutations.change_bytes]
MODEL = [
    ["sample", "r", "-n", "20"], ["sample", "r", "-n", "5", "--explain"], ["sample", "r", "-n", "5", "--html", "page"],
    ["eval", "r", "--json"], ["eval", "r", "other.txt", "--json"], ["attention", "r", "-p", "To be", "--json", "-"],
    ["attention", "r", "--html", "page", "--npy", "a", "--svg", "b", "--safetensors", "c", "-p", "To"],
    ["heads", "r", "--windows", "4", "--json"], ["neurons", "r", "--windows", "4", "--json"], ["export", "r", "--to", "huggingface", "out"],
    ["export", "r", "--to", "gguf", "out", "--type", "q8_0"], ["export", "r", "--to", "pytorch", "out"],
    ["attention", "r", "--probe", "--html", "page"],
]
RESUME = [["train", "--resume", "r", "--steps", "8"]]
RUNS = [["runs"], ["runs", "--json"]]
GGUF = [mutations.change_gguf] * 5 + [mutations.change_bytes]


def importing(path, format):
    return [["import", path, "--from", format, "--run", "runs/new"]]


TINY = ["--layers", "1", "--heads", "1", "--width", "8", "--context", "8", "--batch", "2", "--steps", "1"]
TEXT = [["train", "other.txt", "--run", "runs/new"] + TINY, ["eval", "r", "other.txt", "--json"], ["heads", "r", "other.txt"],
        ["sample", "r", "-n", "5", "--prompt-file", "other.txt"], ["train", "-", "--run", "runs/new"] + TINY,
        ["sample", "r", "-n", "5", "--prompt-file", "-"]]
# The run `t` is of a text with few characters, so that its tables are small.
TABLES = [[{"r": "t", "other.txt": "few.txt", "To be": "to be", "To": "to"}.get(word, word) for word in command]
          for command in RESUME * 4 + MODEL]
OWN = [["eval", "r", "--json"], ["train", "--resume", "r", "--steps", "8"]]

# The name of a kind of file: where it is, how it is damaged, the commands that read it, how many runs of a hundred.
KINDS = {
    "checkpoint-last": ("runs/r/checkpoint-last.safetensors", SAFETENSORS,
                        RESUME * 4 + [command + ["--checkpoint", "last"] for command in MODEL], 30),
    "checkpoint-best": ("runs/r/checkpoint-best.safetensors", SAFETENSORS, MODEL + RESUME, 16),
    "checkpoint, tables": ("runs/t/checkpoint-last.safetensors", SAFETENSORS,
                           [command + ([] if command[0] == "train" else ["--checkpoint", "last"]) for command in TABLES], 10),
    "config of a run": ("runs/r/config.json", [mutations.change_json_file] * 4 + [mutations.change_bytes], RESUME + RUNS, 8),
    "metrics": ("runs/r/metrics.csv", [mutations.change_table] * 3 + [mutations.change_bytes], RESUME + RUNS, 8),
    "samples": ("runs/r/samples.txt", [mutations.change_bytes], RESUME, 4),
    "probe": ("runs/r/probe.jsonl", [mutations.change_json_lines] * 4 + [mutations.change_bytes],
              RESUME + [["attention", "r", "--probe", "--html", "page"]], 8),
    "snapshot of weights": ("runs/r/snapshots/step-3.safetensors", SAFETENSORS,
                            RESUME + [["attention", "r", "--probe", "--html", "page"]], 6),
    "import: config": ("model/config.json", [mutations.change_json_file] * 4 + [mutations.change_bytes], importing("model", "huggingface"), 8),
    "import: tokenizer": ("model/tokenizer.json", [mutations.change_json_file] * 3 + [mutations.change_bytes], importing("model", "huggingface"), 4),
    "import: weights": ("model/model.safetensors", SAFETENSORS, importing("model", "huggingface"), 6),
    "import: gguf": ("model.gguf", GGUF, importing("model.gguf", "gguf"), 8),
    "import: gguf, 8 bits": ("modern.gguf", GGUF, importing("modern.gguf", "gguf"), 6),
    "import: pytorch": ("torch/config.json", [mutations.change_json_file] * 4 + [mutations.change_bytes],
                        importing("torch", "pytorch"), 6),
    "import: nanogpt": ("nano/model.safetensors", SAFETENSORS, importing("nano", "nanogpt"), 4),
    "text or prompt": ("other.txt", [mutations.change_bytes], TEXT, 6),
    "text of the run": ("text.txt", [mutations.change_bytes], OWN, 4),
}


def make_originals(program, folder):
    """A run with a probe, exports of it and of others, and a run with tables and Muon, without what would differ the next time: dates, speeds,
    paths."""
    text = "To be, or not to be: that is the question.\nWhether 'tis nobler \xe9\u2026 \U0001f600\n" * 6
    (folder / "text.txt").write_text(text, encoding="utf-8")
    (folder / "other.txt").write_text("To be that; nobler, or not?\n".replace(";", ",") * 8, encoding="utf-8")
    (folder / "few.txt").write_text("to be or not to be\n" * 20, encoding="utf-8")
    train = ["--layers", "2", "--heads", "2", "--width", "8", "--context", "8", "--batch", "2", "--steps", "6", "--eval-every", "3",
             "--threads", "1", "-q"]
    for command in [["train", "text.txt", "--run", "runs/r", "--probe", "To be, or", "--probe-weights", *train],
                    ["train", "few.txt", "--run", "runs/t", "--probe", "to be", "--architecture", "modern", "--tables", "trigram",
                     "--optimizer", "muon", *train],
                    ["train", "text.txt", "--run", "runs/m", "--architecture", "modern", *train],
                    ["train", "text.txt", "--run", "runs/n", "--tied", *train],
                    ["export", "r", "--to", "huggingface", "model", "-q"], ["export", "r", "--to", "gguf", "model.gguf", "-q"],
                    ["export", "m", "--to", "gguf", "modern.gguf", "--type", "q8_0", "-q"],
                    ["export", "m", "--to", "pytorch", "torch", "-q"], ["export", "n", "--to", "nanogpt", "nano", "-q"]]:
        code, _, _, error = execute(program, command, folder, folder / "stdin", 60)
        if code:
            sys.exit(f"{' '.join(command)} ended with {code}: {error}")
    for run in ["m", "n"]:
        shutil.rmtree(folder / "runs" / run)
    for run, text in [("r", "text.txt"), ("t", "few.txt")]:
        strip(folder, folder / "runs" / run, text)


def strip(folder, run, text):
    """Replaces what differs from one training to the next."""
    for name in ["last", "best"]:
        path = run / f"checkpoint-{name}.safetensors"
        header, values = mutations.split(path.read_bytes())
        for pair in header[0][1]:
            if pair[0] == "progress":
                pair[1] = re.sub(r'"seconds":[^,}]*', '"seconds":1.5', pair[1])
            if pair[0] == "data":
                pair[1] = json.dumps({**json.loads(pair[1]), "files": [text]})
        path.write_bytes(mutations.join(header, values))
    path = run / "config.json"
    path.write_text(re.sub(r'"started" : "[^"]*"', '"started" : "2026-01-01T00:00:00Z"', path.read_text())
                    .replace(str(folder), "/folder"))
    path = run / "metrics.csv"
    path.write_text("".join(",".join(line.split(",")[:5] + (["9.5", "1.5"] if number else line.split(",")[5:])).strip() + "\n"
                            for number, line in enumerate(path.read_text().splitlines())))


def execute(program, command, folder, stdin, limit):
    """Exit code (negative for a signal), seconds, megabytes and standard error; standard output is in the file `out.log`.

    The seconds are those of computing, which do not depend on what else the machine does, or all those until the limit."""
    start = time.monotonic()
    process = os.fork()
    if process == 0:
        try:
            os.chdir(folder)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            try:
                os.dup2(os.open(stdin, os.O_RDONLY | os.O_NONBLOCK), 0)
            except OSError:
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(os.open("out.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
            os.dup2(os.open("err.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            os.execv(program, [program] + command)
        finally:
            os._exit(127)
    while True:
        ended, status, usage = os.wait4(process, os.WNOHANG)
        if ended:
            break
        if time.monotonic() - start > limit:
            os.kill(process, signal.SIGKILL)
            _, status, usage = os.wait4(process, 0)
            break
        time.sleep(0.001)
    error = (folder / "err.log").read_bytes().decode("utf-8", "replace")
    scale = 1024 if sys.platform != "darwin" else 1024 * 1024
    elapsed = time.monotonic() - start
    seconds = elapsed if elapsed > limit else usage.ru_utime + usage.ru_stime
    return os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss / scale, error


def finite(value):
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(finite(part) for part in value.values())
    return all(finite(part) for part in value) if isinstance(value, list) else True


def mistake_of_output(command, folder):
    """What is wrong with the standard output of a command that ended well."""
    output = (folder / "out.log").read_bytes().decode("utf-8", "replace")
    if "--json" in command:
        for line in output.splitlines():
            value = json.loads(line)
            if not finite(value):
                return "a number is not finite"
            if command[0] == "eval" and value["loss"] is None:
                return "the loss is null"
    elif command[0] in ("heads", "runs") and re.search(r"\b(nan|inf)\b", output):
        return "a number is not finite"
    return None


class Fuzzer:
    def __init__(self, program, seed, originals, failures, deadline):
        self.program, self.seed, self.originals, self.failures, self.deadline = program, seed, originals, failures, deadline

    @staticmethod
    def begin():
        """One core for each of the two processes: threads that wait for each other by polling would be in each other's way."""
        if hasattr(os, "sched_setaffinity"):
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, [cores[os.getpid() % len(cores)]])

    def __call__(self, number):
        """One run: its kind of file, exit code, seconds, megabytes, and what is wrong (nothing, most of the time). None after the
        deadline: to kill a process in the middle of a run would leave its children at work in the folder."""
        if time.monotonic() > self.deadline: return None
        work = self.originals.parent / f"work-{os.getpid()}"
        kind, place, command, what = self.apart(lambda: self.prepare(number, work))
        path = work / place
        code, seconds, megabytes, error = execute(self.program, command, work, work / "other.txt", 10)
        wrong = self.judge(command, work, code, seconds, megabytes, error)
        if wrong:
            keep = self.failures / f"{self.seed}-{number}"
            shutil.rmtree(keep, ignore_errors=True)
            keep.mkdir(parents=True)
            (keep / "what").write_text(f"{kind}: {what}\n{command}\n{wrong}\n{error[:5000]}\n")
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 26:
                shutil.copy(path, keep / path.name)
            wrong = f"run {number}, {kind} ({what}), tinygpt {' '.join(command)}: {wrong}"
        return kind, code, seconds, megabytes, wrong

    @staticmethod
    def apart(function):
        """The result of a function called in another process: a child's peak memory begins with its parent's, so that of this
        process has to stay small."""
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            try:
                os.write(writing, json.dumps(function()).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            text = answer.read()
        os.waitpid(process, 0)
        return json.loads(text)

    def prepare(self, number, work):
        """Copies the originals and damages one file."""
        stream = random.Random(f"{self.seed}:{number}")
        kind = stream.choices(list(KINDS), [kind[3] for kind in KINDS.values()])[0]
        place, ways, commands, _ = KINDS[kind]
        if work.exists():
            shutil.rmtree(work)
        shutil.copytree(self.originals, work, symlinks=True)
        command = stream.choice(commands)
        what = self.damage(stream, work / place, ways, place.endswith(".txt") and kind != "samples")
        return kind, place, command + ([] if "--json" in command else ["-q"]), what

    def damage(self, stream, path, ways, is_text):
        if stream.random() < 0.05:
            return mutations.replace(stream, str(path), is_text)
        data, names = path.read_bytes(), []
        for _ in range(stream.choice([1, 1, 1, 2])):
            way = stream.choice(ways)
            try:
                data = way(stream, data)
            except (ValueError, KeyError, IndexError, AttributeError, TypeError, struct.error, RecursionError):
                # The first damage left no form for the second.
                way, data = mutations.change_bytes, mutations.change_bytes(stream, data)
            names.append(way.__name__)
        path.write_bytes(data)
        return ", ".join(names)

    @staticmethod
    def judge(command, work, code, seconds, megabytes, error):
        if code < 0:
            return f"signal {-code} after {seconds:.1f} s"
        if code not in CODES:
            return f"exit code {code}"
        if seconds > SECONDS:
            return f"{seconds:.1f} s, code {code}"
        if megabytes > MEGABYTES:
            return f"{megabytes:.0f} MB"
        if len(error) > CHARACTERS:
            return f"{len(error)} characters on standard error"
        if code == 64 and not USAGE.search(error):
            return f"wrong usage: {error}"
        if code and not error:
            return f"code {code} without a message"
        if CONTROL.search(error):
            return f"control characters on standard error: {error!r}"
        return mistake_of_output(command, work) if code == 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--long", action="store_true", help="20000 runs")
    parser.add_argument("--runs", type=int, help="so many runs; the short form stops after 45 seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the run of this number")
    arguments = parser.parse_args()
    count = arguments.runs or (20_000 if arguments.long else 2000)
    deadline = time.monotonic() + (math.inf if arguments.long or arguments.runs else SHORT)
    program = str(arguments.program.resolve())
    failures = pathlib.Path(".build/fuzz-failures").resolve()
    rows, worst, wrong = collections.defaultdict(collections.Counter), [0, 0], []
    with tempfile.TemporaryDirectory(prefix="tinygpt-fuzz-") as folder:
        originals = pathlib.Path(folder) / "originals"
        originals.mkdir()
        make_originals(program, originals)
        fuzzer = Fuzzer(program, arguments.seed, originals, failures, deadline)
        numbers = [arguments.only] if arguments.only is not None else range(count)
        start = shown = time.monotonic()
        with multiprocessing.Pool(min(2, os.cpu_count()), Fuzzer.begin) as pool:
            runs = filter(None, pool.imap_unordered(fuzzer, numbers))
            for done, (kind, code, seconds, megabytes, mistake) in enumerate(runs, 1):
                rows[kind][code] += 1
                worst = [max(worst[0], seconds), max(worst[1], megabytes)]
                if mistake:
                    wrong.append(mistake)
                    print(mistake[:600], flush=True)
                now = time.monotonic()
                if now - shown > 10:
                    shown, left = now, min((now - start) / done * (len(numbers) - done), deadline - now)
                    print(f"{done} of {len(numbers)} runs, {len(wrong)} failed, {left:.0f} s left", flush=True)
    print(f"\n{'file':18}{'runs':>7}{'taken':>7}" + "".join(f"{code:>7}" for code in sorted(CODES - {0})))
    for kind, codes in sorted(rows.items()) + [("all", sum(rows.values(), collections.Counter()))]:
        print(f"{kind:18}{sum(codes.values()):7}{codes[0]:7}" + "".join(f"{codes[code]:7}" for code in sorted(CODES - {0})))
    print(f"at most {worst[0]:.2f} s and {worst[1]:.0f} MB, seed {arguments.seed}")
    if sum(map(sum, (codes.values() for codes in rows.values()))) < min(FEWEST, len(numbers)):
        sys.exit(f"expected at least {FEWEST} runs in {SHORT} seconds; something makes them slow")
    if wrong:
        sys.exit(f"{len(wrong)} runs failed; their files are in {failures}")


if __name__ == "__main__":
    main()
