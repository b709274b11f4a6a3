"""Every call that changes a file fails once: no space, an error of the device, an interruption, a write that ends early, or
the process is killed before it."""
import collections
import random
import shutil

from .harness import CHECKPOINTS, Loss, State, require
from .record import read_log

KINDS = {
    "KILL": "kill -9 before every call",
    "ENOSPC": "every call failing: no space",
    "EIO": "every call failing: input/output error",
    "FULL": "the disk full from every call on",
    "SHORT": "every write cut short",
    "EINTR": "every call interrupted",
}
# What the system never interrupts.
UNINTERRUPTED = ("mkdir", "rename", "unlink", "rmdir")
OF_WRITES = ("SHORT",)
# After which a training goes on without a snapshot of its weights.
OF_DISKS = ("ENOSPC", "EIO", "FULL")


def record(lab, folder, arguments, root):
    """The calls of a command that nothing disturbs."""
    log = folder / "log"
    lab.run(arguments, lab.environment(root, log=log)).check([0])
    return read_log(log)


def cases(lab, operations, kinds, most):
    """Which call fails and how; in the short form as many as given, some of every kind."""
    names = [operation.name for operation in operations if operation.counts]
    found = [(number, kind) for kind in kinds for number, name in enumerate(names, 1)
             if not (kind in OF_WRITES and name != "write") and not (kind == "EINTR" and name in UNINTERRUPTED)]
    if not lab.is_long:
        chance = random.Random(lab.seed)
        groups = by_kind(found).values()
        found = [case for group in groups for case in sorted(chance.sample(group, min(most, len(group))))]
    return found, names


def by_kind(found):
    groups = collections.defaultdict(list)
    for case in found:
        groups[case[1]].append(case)
    return groups


def check(lab):
    folder = lab.folder()
    operations = record(lab, folder, lab.training(folder / "run"), folder / "run")
    found, names = cases(lab, operations, KINDS, 14)
    print(f"      a training makes {len(names)} such calls", flush=True)
    for kind, group in by_kind(found).items():
        lab.each(KINDS[kind], group, lambda folder, case: in_training(lab, folder, case, names))
    for name, fraction in (("resumed", 3 / 5), ("begun again", 1 / 6)):
        with lab.preparing(f"calls of a run {name}"):
            check_going_on(lab, name, fraction)


def in_training(lab, folder, case, names):
    number, kind = case
    run = folder / "run"
    result = lab.run(lab.training(run), lab.environment(run, at=number, kind=kind))
    judge(result, kind, str(run), names[number - 1])
    if result.code == 0:
        State(run).compare(lab.reference(), kind not in OF_DISKS)
    lab.finish(run, by_run=number % 2 == 0, is_whole=kind not in OF_DISKS)


def judge(result, kind, place, name):
    """The ending that a fault may have: a message that names the file and a documented code, or none where the program must go on."""
    try:
        if kind == "KILL":
            result.check([-9])
        elif kind in ("SHORT", "EINTR"):
            result.check([0])
        elif result.code != 0:
            result.refusal([1, 73, 74], place)
    except Loss as loss:
        raise Loss(f"a failing {name}: {loss}") from None


def check_going_on(lab, name, fraction):
    """The same for a run that goes on after it was killed, with a checkpoint or before the first."""
    base, trial = lab.folder() / "run", lab.folder()
    lab.kill_at(base, fraction)
    shutil.copytree(base, trial / "run")
    operations = record(lab, trial, lab.resuming(trial / "run"), trial / "run")
    found, names = cases(lab, operations, KINDS, 4)

    def attempt(folder, case):
        run = folder / "run"
        shutil.copytree(base, run)
        result = lab.run(lab.resuming(run), lab.environment(run, at=case[0], kind=case[1]))
        judge(result, case[1], str(run), names[case[0] - 1])
        require((run / CHECKPOINTS[0]).exists() or not (base / CHECKPOINTS[0]).exists(), "the last checkpoint is gone")
        lab.finish(run, by_run=case[0] % 2 == 0, is_whole=case[1] not in OF_DISKS)

    for kind, group in by_kind(found).items():
        lab.each(f"{KINDS[kind]}, of a run {name}", group, attempt)
