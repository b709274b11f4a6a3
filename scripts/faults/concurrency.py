"""Several processes at once on one run: one writes, the others are told so, readers see whole files and never wait."""
import shutil
import threading
import time

from .harness import CHECKPOINTS, Loss, State, require
from .record import read_log

# Long enough for all of them to meet.
LENGTH = {"steps": 300, "every": 20}


def check(lab):
    rounds = 20 if lab.is_long else 3
    for count in (2, 4):
        lab.each(f"{count} processes begin one run", range(rounds), lambda folder, case: begin(lab, folder, count))
    stopped = lab.folder() / "run"
    process = lab.start(lab.training(stopped, **LENGTH))
    wait_for(stopped / CHECKPOINTS[0])
    process.kill()
    lab.wait(process)
    for count in (2, 4):
        lab.each(f"{count} processes resume one run", range(rounds),
                 lambda folder, case: resume(lab, folder, count, stopped))
    lab.each("a file system without locks", [0], lambda folder, case: unlocked(lab, folder))
    lab.each("readers beside a writer", range(4 if lab.is_long else 1), lambda folder, case: read(lab, folder))


def wait_for(path):
    deadline = time.monotonic() + 30
    while not path.exists():
        require(time.monotonic() < deadline, f"{path} does not appear")
        time.sleep(0.002)


def outcomes(lab, processes):
    """Exit codes, messages and standard outputs, in order; all end, also where one does not."""
    ends, hanging = [], None
    for process in processes:
        try:
            output, error = lab.wait(process)
            ends.append((process.returncode, error, output))
        except Loss as loss:
            hanging = loss
    if hanging:
        raise hanging
    return ends


def begin(lab, folder, count):
    """Every process with a seed of its own, so that the files say whose they are."""
    run = folder / "run"
    ends = outcomes(lab, [lab.start(lab.training(run, seed=seed, **LENGTH)) for seed in range(1, count + 1)])
    winners = [seed for seed, (code, *_) in enumerate(ends, 1) if code == 0]
    require(len(winners) == 1, f"{len(winners)} processes believe that the run is theirs: {ends}")
    check_losers(ends)
    State(run).compare(lab.reference(seed=winners[0], **LENGTH))


def check_losers(ends):
    for code, error, _ in ends:
        if code != 0:
            require(code == 73, f"exit code {code}: {error}")
            require("another process" in error or "already exists" in error, f"the message is {error!r}")


def resume(lab, folder, count, stopped):
    run = folder / "run"
    shutil.copytree(stopped, run)
    # A process that comes when all is done makes no step.
    ends = outcomes(lab, [lab.start([*lab.resuming(run), "--json"]) for _ in range(count)])
    writers = [code for code, _, output in ends if code == 0 and b'"event":"step"' in output]
    require(len(writers) == 1, f"{len(writers)} processes wrote: {[code for code, *_ in ends]}")
    check_losers(ends)
    State(run).compare(lab.reference(**LENGTH))


def unlocked(lab, folder):
    """Where nothing can be locked, a run is trained all the same, and says so."""
    run = folder / "run"
    lab.run(lab.training(folder / "trial"), lab.environment(folder / "trial", log=folder / "log")).check([0])
    names = [operation.name for operation in read_log(folder / "log") if operation.counts]
    require("flock" in names, "nothing is locked")
    arguments = [argument for argument in lab.training(run) if argument != "--quiet"]
    result = lab.run(arguments, lab.environment(run, at=names.index("flock") + 1, kind="EIO")).check([0])
    require("cannot be locked" in result.error, f"it does not say so: {result.error!r}")
    State(run).compare(lab.reference())


def read(lab, folder):
    """Samples, evaluates and lists a run from its first moment to its last."""
    run = folder / "runs" / "run"
    (folder / "runs").mkdir()
    length = {"steps": 1500 if lab.is_long else 500, "every": 20}
    writer = lab.start(lab.training(run, **length))
    problems, counts = [], [0]

    def reader(arguments, codes):
        while writer.poll() is None:
            has_checkpoint = (run / CHECKPOINTS[1]).exists()
            start = time.monotonic()
            try:
                result = lab.run(arguments, cwd=folder, timeout=20)
                result.check([0] if has_checkpoint else codes)
                require(result.code != 0 or not result.error, f"{result.command}: {result.error}")
                require(time.monotonic() - start < 10, f"{result.command} took {time.monotonic() - start:.1f} s")
            except Loss as loss:
                problems.append(str(loss))
                return
            counts[0] += 1

    readers = [threading.Thread(target=reader, args=arguments) for arguments in (
        (["sample", str(run), "--length", "5"], [0, 66]), (["eval", str(run)], [0, 66]), (["runs", "--json"], [0]),
        (["attention", str(run), "--probe", "--html", str(folder / "page"), "--quiet"], [0, 66]))]
    for thread in readers:
        thread.start()
    error = lab.wait(writer, 120)[1]
    for thread in readers:
        thread.join()
    require(not problems, "; ".join(problems[:3]))
    require(writer.returncode == 0, f"the writer: exit code {writer.returncode}: {error}")
    State(run).compare(lab.reference(**length))
    print(f"      {counts[0]} readings of a run while it was written", flush=True)
