"""Signals at random moments, files over the size limit, readers that go away, and standard streams that are closed."""
import random
import re
import signal
import threading
import time

from .harness import CHECKPOINTS, State, require, step_of_bytes
from .kills import timed

STEPS = 60


def check(lab):
    duration = min(timed(lab, STEPS) for _ in range(3))
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        lab.each(f"{name} at a random moment", range(60 if lab.is_long else 8),
                 lambda folder, case: stop(lab, folder, case, getattr(signal, name), duration))
    lab.each("SIGXFSZ: files limited to N KiB", range(1, 26, 1 if lab.is_long else 4),
             lambda folder, case: limit(lab, folder, case))
    lab.each("SIGXFSZ: outputs limited to N KiB", OUTPUTS, lambda folder, case: limit_output(lab, folder, case))
    lab.each("SIGPIPE: the reader of --json goes after N lines", range(0, STEPS, 3 if lab.is_long else 15),
             lambda folder, case: leave(lab, folder, case))
    streams = [[n for n in range(3) if mask & 1 << n] for mask in range(8)]
    lab.each("standard streams closed", streams, lambda folder, case: close(lab, folder, case))
    lab.each("standard streams closed, of other commands", streams, lambda folder, case: close_others(lab, folder, case))


def stop(lab, folder, case, number, duration):
    """Saves and dies of that signal; before the training has begun it may die at once."""
    run = folder / "run"
    arguments = [argument for argument in lab.training(run, steps=STEPS) if argument != "--quiet"]
    process = lab.start(arguments)
    time.sleep(random.Random(lab.seed * 1000 + case).random() * duration * 1.1)
    process.send_signal(number)
    error = lab.wait(process)[1]
    require(process.returncode in (0, -number), f"exit code {process.returncode}, expected {-number}: {error}")
    saved = re.search(r"stopped and saved after step (\d+)", error)
    if "finishing this step" in error and "best validation loss" not in error:
        require(saved, f"said that it stops, and did not say that it saved: {error}")
    if saved:
        step = step_of_bytes((run / CHECKPOINTS[0]).read_bytes())
        require(step == int(saved[1]), f"said that it saved step {saved[1]}, the checkpoint has {step}")
    lab.finish(run, steps=STEPS)


def limit(lab, folder, kilobytes):
    run = folder / "run"
    result = lab.run(lab.training(run), shell=f'ulimit -f {kilobytes}; exec "$@"')
    if result.code == 0:
        State(run).compare(lab.reference())
    else:
        result.refusal([73, 74], "File too large")
        require(str(run) in result.error, f"the message names no file: {result.error!r}")
    lab.finish(run)


OUTPUTS = ["export", "sample --html", "attention --html", "attention --npy", "attention --json"]


def limit_output(lab, folder, command):
    """What a command writes besides runs: refused with the reason, and nothing left of it."""
    run, place = folder / "run", folder / "new"
    lab.run(lab.training(run)).check([0])
    name, _, option = command.partition(" ")
    arguments = [name, str(run), "--quiet"]
    arguments += ["--to", "huggingface"] if name == "export" else ["--prompt", "thy " * 4]
    arguments += [option, str(place)] if option else [str(place)]
    result = lab.run(arguments, shell='ulimit -f 1; exec "$@"')
    result.refusal([73, 74], "File too large")
    require(not place.exists() and {path.name for path in folder.iterdir()} == {"run"}, "something is left behind")


def leave(lab, folder, lines):
    """The training notices, saves, and says that its output is not read."""
    run = folder / "run"
    process = lab.start([*lab.training(run, steps=STEPS), "--json"])
    # One that writes nothing would be read from for ever.
    limit = threading.Timer(60, process.kill)
    limit.start()
    for _ in range(lines):
        process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    error = lab.wait(process)[1]
    limit.cancel()
    code = process.returncode
    require(code in (0, 74), f"exit code {code}: {error}")
    require(code == 0 or "standard output" in error, f"the message is {error!r}")
    lab.finish(run, steps=STEPS)


def closing(streams):
    return 'exec "$@" ' + " ".join(f"{number}>&-" for number in streams)


def close(lab, folder, streams):
    """Whatever is closed: the same files. Not quiet, so that there is something to go astray."""
    run = folder / "run"
    arguments = [argument for argument in lab.training(run) if argument != "--quiet"]
    lab.run(arguments, shell=closing(streams)).check([0])
    State(run).compare(lab.reference())


def close_others(lab, folder, streams):
    run = folder / "run"
    lab.run(lab.training(run)).check([0])
    for name, arguments in {
        "page": ["attention", str(run), "--prompt", "thy ", "--html"],
        "map": ["attention", str(run), "--prompt", "thy ", "--npy"],
        "replay": ["sample", str(run), "--length", "9", "--html"],
        "model": ["export", str(run), "--to", "huggingface"],
    }.items():
        whole, other = folder / name, folder / f"{name} closed"
        lab.run([*arguments, str(whole)]).check([0])
        lab.run([*arguments, str(other)], shell=closing(streams)).check([0])
        if name != "model":
            require(whole.read_bytes() == other.read_bytes(), f"{name} is another file")
