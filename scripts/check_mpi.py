"""Checks `mpirun tinygpt train` with Open MPI and MPICH: bits, resuming, refusals, deaths, signals, a full disk."""
import csv
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time

TINYGPT, TEXT = os.path.abspath(sys.argv[1]), os.path.abspath("data/shakespeare.txt")
OPEN_MPI = ["mpirun.openmpi", "--oversubscribe", "--bind-to", "none"] + ["--allow-run-as-root"] * (os.getuid() == 0)
MPICH = ["mpirun.mpich"]
SMALL = ["--layers", "2", "--heads", "2", "--context", "32", "--warmup", "10"]
CLASSIC = [*SMALL, "--width", "32", "--eval-every", "10", "--batch", "9", "--dropout", "0.1"]
ENDLESS = [*SMALL, "--eval-every", "100000", "--batch", "4", "--steps", "100000"]
# Rows of tables, matrices under Muon, several batches in a step.
MODERN = [*SMALL, "--width", "32", "--eval-every", "10", "--batch", "7", "--architecture", "modern", "--tables", "trigram",
          "--optimizer", "muon", "--accumulate", "2", "--steps", "12"]
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"FAILED: {what}")


def tinygpt(*options, text=TEXT, program=TINYGPT):
    return [program, "train", *([text] if text else []), *options]


def run(command, code=0, says=""):
    """What a command says on standard error, which it must end with a code."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    check(code is None or result.returncode == code,
          f"{' '.join(command)}: exit code {result.returncode}, expected {code}: {result.stderr[-800:]}")
    check(says in result.stderr, f"{' '.join(command)}: expected '{says}' in {result.stderr[-800:]}")
    return result.stderr


def state(run):
    """Weights and optimizer state of the last checkpoint, and the losses of the run."""
    data = pathlib.Path(run, "checkpoint-last.safetensors").read_bytes()
    rows = csv.DictReader(open(pathlib.Path(run, "metrics.csv")))
    return data[8 + struct.unpack("<Q", data[:8])[0]:], [(row["step"], row["split"], row["loss"]) for row in rows]


def same_bits(mpirun):
    for name, options, shares, runs in [("classic", [*CLASSIC, "--steps", "24"], 4, [(4, 1), (2, 2), (3, 1)]), ("modern", MODERN, 3, [(2, 1)])]:
        if not os.path.exists(name):
            run(tinygpt(*options, "--shares", str(shares), "--threads", "4", "--run", name))
        for processes, threads in runs:
            here = f"{name}-{mpirun[0]}-{processes}"
            log = run([*mpirun, "-n", str(processes), *tinygpt(
                *options, "--shares", str(shares), "--threads", str(threads), "--run", here)])
            check(log.count("best validation loss") == 1, f"not one process alone prints: {log}")
            check(state(here) == state(name), f"{here}: other bits than with one process")


def resumes(mpirun):
    """One process, then two, then one again; the last two parts are those of one process that divides the batches as two do."""
    for here, middle in [("there", [*mpirun, "-n", "2"]), ("alone", [])]:
        run(tinygpt(*CLASSIC, "--steps", "8", "--run", here))
        shares = [] if middle else ["--shares", "2"]
        log = run([*middle, *tinygpt("--resume", here, "--steps", "17", *shares, text=None)])
        check("shares was 1, now 2" in log, f"the change of shares is not reported: {log}")
        run(tinygpt("--resume", here, "--steps", "24", text=None))
    check(state("there") == state("alone"), "a run that went to two processes and back has other bits")
    for here in ["there", "alone"]:
        subprocess.run(["rm", "-r", here], check=True)


def without_text(mpirun):
    """A new run on the built-in text, and its continuation, which name no file."""
    for here, start, shares in [("two", [*mpirun, "-n", "2"], []), ("one", [], ["--shares", "2"])]:
        run([*start, *tinygpt(*CLASSIC, "--steps", "8", *shares, "--run", here, text=None)])
        run([*start, *tinygpt("--resume", here, "--steps", "14", text=None)])
    check(state("two") == state("one"), "a run on the built-in text has other bits with two processes")
    for here in ["two", "one"]:
        subprocess.run(["rm", "-r", here], check=True)


def refusals(mpirun):
    def two(second, code, says, first=tinygpt(*CLASSIC, "--run", "refused")):
        run([*mpirun, "-n", "1", *first, ":", "-n", "1", *second], code, says)
        check(not os.path.exists("refused"), "a run was begun before it was refused")
    pathlib.Path("other.txt").write_text(open(TEXT).read()[:-1])
    pathlib.Path("other").write_bytes(open(TINYGPT, "rb").read() + b" ")
    os.chmod("other", 0o755)
    two(tinygpt(*CLASSIC, text="other.txt"), 65, "process 1, on")
    two(tinygpt(*CLASSIC, text="missing.txt"), 66, "there is no file 'missing.txt'")
    two(tinygpt(*CLASSIC, "--clip", "2"), 64, "--clip is 2, expected the first process's 1")
    two(tinygpt(*CLASSIC, program=os.path.abspath("other")), 1, "another build")
    run([*mpirun, "-n", "3", *tinygpt(*SMALL, "--width", "32", "--batch", "2", "--run", "refused")], 64, "3 processes, but a batch has 2 windows")
    run([*mpirun, "-n", "3", *tinygpt(*CLASSIC, "--shares", "2", "--run", "refused")], 64, "--shares 2 are too few")
    run([*mpirun, "-n", "2", *tinygpt(*CLASSIC, "--plan")], 64, "one process")
    check(not os.path.exists("refused"), "a run was begun before it was refused")


class Endless:
    """A training that goes on until something happens to it; `rate` as --learning-rate."""
    VARIABLES = ("OMPI_COMM_WORLD_RANK=", "PMI_RANK=")

    def __init__(self, mpirun, here, rate="1e-3"):
        self.here, self.log = here, open(f"{here}.log", "w+")
        options = [*ENDLESS, "--width", "32", "--save-every", "1", "--threads", "1"]
        self.process = subprocess.Popen(
            [*mpirun, "-n", "2", *tinygpt(*options, "--learning-rate", rate, "--run", here)], stdin=subprocess.DEVNULL,
            stderr=self.log, stdout=self.log)
        deadline = time.time() + 60
        while not os.path.exists(f"{here}/checkpoint-last.safetensors") and time.time() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        self.ranks = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if here.encode() in (folder / "cmdline").read_bytes().split(b"\0") \
                        and os.readlink(folder / "exe") == os.path.realpath(TINYGPT):
                    for variable in (folder / "environ").read_text().split("\0"):
                        if variable.startswith(self.VARIABLES):
                            self.ranks[int(variable.split("=")[1])] = int(folder.name)
            except OSError:
                pass
        check(sorted(self.ranks) == [0, 1], f"the processes of {here} are {self.ranks}")

    def end(self, what, says):
        """Everything ends in seconds, with a message and a checkpoint from which the run goes on."""
        try:
            code = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            for number in self.ranks.values():
                os.kill(number, signal.SIGKILL)
            sys.exit(f"FAILED: {what}: the processes do not end")
        self.log.seek(0)
        log = self.log.read()
        # MPICH's mpirun ends with 0 where the processes end by a signal before it has seen that they do.
        check((code != 0 or says.startswith("stopped")) and says in log,
              f"{what}: exit code {code}, expected '{says}' in {log[-800:]}")
        for number in self.ranks.values():
            deadline = time.time() + 5
            while os.path.exists(f"/proc/{number}") and time.time() < deadline:
                time.sleep(0.05)
            check(not os.path.exists(f"/proc/{number}"), f"{what}: a process is left")
        made = int(state(self.here)[1][-1][0])
        run(tinygpt("--resume", self.here, "--steps", str(made + 5), text=None))


def ends(mpirun):
    for what, number, rank in [("the first is killed", signal.SIGKILL, 0), ("the second is killed", signal.SIGKILL, 1)]:
        training = Endless(mpirun, f"killed-{mpirun[0]}-{rank}")
        os.kill(training.ranks[rank], number)
        training.end(what, "signal 9")
    for what, rank in [("mpirun is stopped", None), ("the second is stopped", 1)]:
        training = Endless(mpirun, f"stopped-{mpirun[0]}-{rank}")
        os.kill(training.process.pid if rank is None else training.ranks[rank], signal.SIGTERM)
        training.end(what, "stopped and saved after step")


def changed_parameters(mpirun):
    """A bit is changed in the second process's parameters, which at this rate are those of the beginning."""
    training = Endless(mpirun, f"changed-{mpirun[0]}", rate="1e-30")
    head = state(training.here)[0]
    parameter = head[256:320]
    with open(f"/proc/{training.ranks[1]}/maps") as maps, open(f"/proc/{training.ranks[1]}/mem", "r+b", buffering=0) as memory:
        places = []
        for line in maps:
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            if line.split()[1].startswith("rw") and end - start < 1 << 30:
                memory.seek(start)
                try:
                    data = memory.read(end - start)
                except OSError:
                    continue
                place = data.find(parameter)
                while place >= 0:
                    places.append(start + place)
                    place = data.find(parameter, place + 1)
        check(places, "the parameters are not found in memory")
        for place in places:
            memory.seek(place)
            memory.write(bytes([parameter[0] ^ 1]))
    training.end("a changed parameter", "the parameters are not the same on all processes")


def full_disk(mpirun):
    os.mkdir("small")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tinygpt", "small"], capture_output=True).returncode != 0:
        print("      skipped: no file system may be mounted here")
    else:
        try:
            # The checkpoints of the initial state fit, beside what is being written, but not the logs of many steps.
            run([*mpirun, "-n", "2", *tinygpt(*ENDLESS, "--width", "16", "--run", "small/run")], 74, "No space left")
            check(state_is_whole("small/run"), "the last checkpoint is not whole")
        finally:
            subprocess.run(["umount", "small"], check=True)
    os.rmdir("small")


def state_is_whole(here):
    data = pathlib.Path(here, "checkpoint-last.safetensors").read_bytes()
    return len(data) > 100_000 and subprocess.run([TINYGPT, "eval", here, TEXT, "--quiet"], capture_output=True).returncode == 0


def missing_library():
    """The libraries are covered by empty files where this process alone sees it."""
    command = "for library in /usr/lib/*/libmpi.so* /usr/lib/*/libmpich.so*; do mount --bind /dev/null $(realpath $library); done\n"
    if subprocess.run(["unshare", "-m", "sh", "-c", command], capture_output=True).returncode != 0:
        print("      skipped: nothing can be covered here")
        return
    words = " ".join(tinygpt(*CLASSIC, "--run", "refused"))
    for variables in ["OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK", "PMI_SIZE=2 PMI_RANK"]:
        for rank in [0, 1]:
            said = run(["unshare", "-m", "sh", "-c", f"{command} {variables}={rank} {words}"], 1, f"process {rank}, on ")
            check("its library cannot be loaded: tried lib" in said, f"no reason: {said}")
    # On one machine only: everything ends, and the one that lacks it says so.
    for mpirun in [OPEN_MPI, MPICH]:
        run([*mpirun, "-n", "1", *words.split(), ":", "-n", "1", "unshare", "-m", "sh", "-c", f"{command} exec {words}"], 1, "process 1, on ")
    check(not os.path.exists("refused"), "a run was begun with a process that lacks the library")
    # Alone it needs none; nor with one process.
    run(["unshare", "-m", "sh", "-c", f"{command} OMPI_COMM_WORLD_SIZE=1 {' '.join(tinygpt(*CLASSIC, '--steps', '2', '--run', 'one'))}"])


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for mpirun in [OPEN_MPI, MPICH]:
        print(mpirun[0], flush=True)
        for part in [same_bits, resumes, without_text, refusals, ends, changed_parameters, full_disk]:
            print(f"   {part.__name__.replace('_', ' ')}", flush=True)
            part(mpirun)
    print("no library", flush=True)
    missing_library()
print(f"several processes: all {checks} checks passed")
