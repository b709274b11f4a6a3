"""What every fault needs: the program, a small training, what its files must hold in the end, and a table of results."""
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import threading

from .record import read_log

DOCUMENTED = (0, 1, 64, 65, 66, 73, 74)
LOGS = ("samples.txt", "probe.jsonl")
CHECKPOINTS = ("checkpoint-last.safetensors", "checkpoint-best.safetensors")
SNAPSHOTS = "snapshots"
EXPECTED = {*LOGS, *CHECKPOINTS, SNAPSHOTS, "metrics.csv", "config.json", "index.html"}


class Loss(Exception):
    """Something was lost, mixed up, or told wrongly."""


def require(condition, problem):
    if not condition:
        raise Loss(problem)


# What a damaged run can make of the work on it.
MISHAPS = (Loss, OSError, LookupError, ValueError, struct.error)


class Table:
    """How many faults of each kind were tried and survived, with the first descriptions of those that were not."""

    SHOWN = 5

    def __init__(self):
        self.tried = collections.Counter()
        self.survived = collections.Counter()
        self.losses = collections.defaultdict(list)
        self.lock = threading.Lock()

    def add(self, kind, problem, count=1):
        """A case that holds `count` faults, none of which was survived if there is a problem."""
        with self.lock:
            self.tried[kind] += count
            if problem is None:
                self.survived[kind] += count
                return
            self.losses[kind].append(problem)
            if len(self.losses[kind]) <= self.SHOWN:
                print(f"LOST  {kind}: {problem}", flush=True)

    @property
    def has_losses(self):
        return any(self.losses.values())

    def __str__(self):
        rows = [("fault", "tried", "survived")]
        rows += [(kind, str(count), str(self.survived[kind])) for kind, count in self.tried.items()]
        rows.append(("all", str(self.tried.total()), str(self.survived.total())))
        return "\n".join(f"{kind:<76}{tried:>8}{survived:>10}" for kind, tried, survived in rows)


class Result:
    """How a process ended."""

    def __init__(self, arguments, code, output, error):
        self.command = "tinygpt " + " ".join(arguments)
        self.code, self.output, self.error = code, output, error

    def check(self, codes, problem=""):
        require(self.code in codes, f"{problem}exit code {self.code}, expected {codes}: {self.command}: {self.error[-400:]!r}")
        return self

    def refusal(self, codes, *words):
        """Ended with one of the codes and one or two lines that contain one of the words."""
        self.check(codes)
        lines = self.error.strip().splitlines()
        require(1 <= len(lines) <= 2, f"{len(lines)} lines of message: {self.command}: {self.error!r}")
        require(any(word in self.error for word in words), f"nothing of {words} in the message: {self.error!r}")
        return self


class Lab:
    """The program under test, a folder to work in, and the small training that all faults disturb."""

    def __init__(self, program, preload, seed, is_long):
        self.program, self.preload, self.seed, self.is_long = program, preload, seed, is_long
        # In memory where there is such a place: the faults are made, and nothing waits for a disk.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="tinygpt-faults-", dir=memory)).resolve()
        self.text = self.work / "text.txt"
        source = pathlib.Path(__file__).resolve().parents[2] / "data" / "shakespeare.txt"
        self.text.write_bytes(source.read_bytes()[:2000])
        self.table = Table()
        self._number, self._lock, self._references = 0, threading.Lock(), {}

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)

    def folder(self):
        """A new folder, with short names because messages may be cut."""
        with self._lock:
            self._number += 1
            path = self.work / f"c{self._number}"
        path.mkdir()
        return path

    def training(self, folder, seed=1, steps=12, every=4):
        """The arguments of the training."""
        return ["train", str(self.text), "--run", str(folder), "--steps", str(steps), "--eval-every", str(every),
                "--layers", "1", "--heads", "2", "--width", "8", "--context", "16", "--batch", "2", "--warmup", "2",
                "--dropout", "0.1", "--probe", "thy ", "--probe-weights", "--threads", "1", "--seed", str(seed), "--quiet"]

    def resuming(self, folder):
        return ["train", "--resume", str(folder), "--threads", "1", "--quiet"]

    def environment(self, root=None, **faults):
        """With FAULT_ROOT and so on, if a root is given."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FAULT_")}
        if root is not None:
            environment.update(LD_PRELOAD=str(self.preload), FAULT_ROOT=str(root))
            environment.update({f"FAULT_{key.upper()}": str(value) for key, value in faults.items()})
        return environment

    def start(self, arguments, environment=None, shell=None, cwd=None, stdin=subprocess.DEVNULL,
              stdout=subprocess.PIPE, stderr=subprocess.PIPE):
        """Starts the program; with `shell`, by a line of bash in which "$@" is it."""
        command = [str(self.program), *arguments]
        if shell:
            command = ["bash", "-c", shell, "bash", *command]
        return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr,
                                env=environment or self.environment(), cwd=cwd or self.work)

    def run(self, arguments, environment=None, timeout=60, **options):
        process = self.start(arguments, environment, **options)
        output, error = self.wait(process, timeout)
        return Result(arguments, process.returncode, output, error)

    @staticmethod
    def wait(process, timeout=60):
        """Standard output and standard error of a process, once it has ended; one that does not end is killed."""
        try:
            output, error = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Loss(f"still running after {timeout} s: {' '.join(process.args)}") from None
        return output or b"", (error or b"").decode(errors="replace")

    def reference(self, seed=1, steps=12, every=4):
        """The run that nothing disturbed."""
        key = (seed, steps, every)
        with self._lock:
            known = self._references.get(key)
        if known is None:
            folder = self.folder() / "undisturbed"
            self.run(self.training(folder, *key)).check([0])
            known = State(folder)
            with self._lock:
                self._references[key] = known
        return known

    def kill_at(self, run, fraction):
        """A run killed after this fraction of its calls; it must then hold what a killed run may hold."""
        trial = self.folder() / "run"
        self.run(self.training(trial), self.environment(trial, log=trial.parent / "log")).check([0])
        calls = sum(operation.counts for operation in read_log(trial.parent / "log"))
        self.run(self.training(run), self.environment(run, at=int(calls * fraction), kind="KILL")).check([-9])

    def finish(self, folder, by_run=False, is_whole=True, **training):
        """Goes on with a run without any fault, and compares it with the undisturbed one.

        What has no checkpoint yet can be begun again: by --run, or also by --resume where there is a configuration.
        """
        has_checkpoint = (folder / CHECKPOINTS[0]).exists()
        resumes = has_checkpoint or ((folder / "config.json").exists() and not by_run)
        arguments = self.resuming(folder) if resumes else self.training(folder, **training)
        self.run(arguments).check([0], "going on failed: ")
        State(folder).compare(self.reference(**training), is_whole)

    @contextlib.contextmanager
    def preparing(self, kind):
        """What is needed before the faults of a kind; if that is lost already, the other kinds go on."""
        try:
            yield
        except MISHAPS as error:
            self.table.add(f"{kind}: what comes before", f"seed {self.seed}: {type(error).__name__}: {error}")

    def each(self, kind, cases, work):
        """Tries the cases side by side; a case is what `work` needs and what a description names.

        `work` returns how many faults it has made if that is not one.
        """
        def attempt(case):
            folder, count = self.folder(), 1
            try:
                count = work(folder, case)
                problem = None
            except MISHAPS as error:
                problem = f"case {case}, seed {self.seed}: {type(error).__name__}: {error}"
            shutil.rmtree(folder, ignore_errors=True)
            self.table.add(kind, problem, 1 if count is None else count)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            list(pool.map(attempt, cases))


class State:
    """What a run's folder holds, without the times in it."""

    def __init__(self, folder):
        self.names = {name for name in os.listdir(folder)}
        self.tensors, self.facts = {}, {}
        for name in CHECKPOINTS:
            header, self.tensors[name] = read_safetensors((folder / name).read_bytes())
            self.facts[name] = header
        self.rows = [line.split(",")[:5] for line in (folder / "metrics.csv").read_text().splitlines()]
        self.logs = {name: (folder / name).read_bytes() for name in LOGS}
        self.snapshots = {path.name: read_safetensors(path.read_bytes()) for path in (folder / SNAPSHOTS).glob("*")}
        configuration = json.loads((folder / "config.json").read_text())
        self.configuration = {key: configuration[key] for key in ("model", "training", "data", "parameters")}

    def compare(self, other, is_whole=True):
        """With `is_whole` no snapshot of the weights may be missing but that of the last checkpoint, from which it is written when the
        run goes on; without, those of steps at which the disk failed."""
        for name in CHECKPOINTS:
            require(self.facts[name] == other.facts[name], f"{name}: its header is not the undisturbed one's")
            require(self.tensors[name] == other.tensors[name], f"{name}: its bits are not the undisturbed one's")
        if self.rows != other.rows:
            raise Loss(f"metrics.csv: {difference(self.rows, other.rows)}")
        for name in LOGS:
            mine, others = self.logs[name].splitlines(), other.logs[name].splitlines()
            require(self.logs[name] == other.logs[name], f"{name}: {difference(mine, others)}")
        wrong = [name for name, snapshot in self.snapshots.items() if snapshot != other.snapshots.get(name)]
        require(not wrong, f"snapshots that are not the undisturbed run's: {wrong}")
        last = f"step-{self.facts[CHECKPOINTS[0]]['__metadata__']['progress']['step']}.safetensors"
        missing = other.snapshots.keys() - self.snapshots.keys() - {last}
        require(not missing or not is_whole, f"snapshots are missing: {sorted(missing)}")
        require(self.configuration == other.configuration, "config.json is not the undisturbed run's")
        left = self.names - EXPECTED - {".lock"}
        require(not left, f"left behind: {sorted(left)}")


def difference(mine, others):
    """The first line in which two lists differ."""
    for index, (a, b) in enumerate(zip(mine, others)):
        if a != b:
            return f"line {index + 1} is {str(a)[:80]}, expected {str(b)[:80]}"
    return f"{len(mine)} lines, expected {len(others)}"


def read_safetensors(data):
    """The header without the times in it, and the bytes of the values."""
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    progress = json.loads(header["__metadata__"]["progress"])
    progress.pop("seconds")
    header["__metadata__"]["progress"] = progress
    return header, data[8 + length:]


def step_of_bytes(data):
    """The step of a checkpoint."""
    return read_safetensors(data)[0]["__metadata__"]["progress"]["step"]
