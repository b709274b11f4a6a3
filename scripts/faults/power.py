"""Power loss: the recorded calls replayed up to every point, with what had not been synced lost in several ways."""
import copy
import hashlib
import random

from .calls import record
from .harness import CHECKPOINTS, require, step_of_bytes
from .record import O_TRUNC

# What is left of the names in a folder, and of the bytes of a file.
MODELS = {
    "power loss: all that was not synced is gone": ("synced", "synced"),
    "power loss: names stay, bytes not synced are gone": ("current", "synced"),
    "power loss: names and sizes stay, bytes are zeros": ("current", "zeros"),
    "power loss: names stay, half of the bytes": ("current", "half"),
    "power loss: names and sizes stay, half of the bytes": ("current", "half zeros"),
    "power loss: names stay, a hole in the bytes": ("current", "hole"),
}


class File:
    """The bytes of a file, and those of them that are on the disk."""

    def __init__(self):
        self.bytes, self.synced = b"", b""

    def left(self, how):
        rest = self.bytes[len(self.synced):]
        half = len(rest) // 2
        return self.synced + {"synced": b"", "zeros": bytes(len(rest)), "half": rest[:half],
                              "half zeros": rest[:half].ljust(len(rest), b"\0"),
                              "hole": bytes(half) + rest[half:]}[how]


class Folder:
    """The names in a folder, and those that are on the disk."""

    def __init__(self):
        self.names, self.synced = {}, {}


class Disk:
    """A file system that remembers what was synced."""

    def __init__(self, root):
        self.root, self.top, self.descriptors = root, Folder(), {}

    def parent(self, path):
        names = path[len(self.root):].strip("/").split("/")
        folder = self.top
        for name in names[:-1]:
            folder = folder.names[name]
        return folder.names, names[-1]

    def find(self, path):
        if path.rstrip("/") == self.root:
            return self.top
        names, name = self.parent(path)
        return names.get(name)

    def load(self, place, folder=None):
        """Takes what a real folder holds for what is on the disk."""
        folder = folder or self.top
        for entry in place.iterdir():
            node = folder.names[entry.name] = Folder() if entry.is_dir() else File()
            if entry.is_dir():
                self.load(entry, node)
            else:
                node.bytes = node.synced = entry.read_bytes()
        folder.synced = dict(folder.names)

    def do(self, operation):
        name = operation.name
        if name == "open":
            path = operation.paths[0]
            if self.find(path) is None:
                names, last = self.parent(path)
                names[last] = File()
            node = self.descriptors[operation.descriptor] = self.find(path)
            if operation.flags & O_TRUNC:
                node.bytes = b""
        elif name == "close":
            self.descriptors.pop(operation.descriptor, None)
        elif name == "write":
            # The program only appends and writes new files.
            self.descriptors[operation.descriptor].bytes += operation.data
        elif name == "ftruncate":
            node = self.descriptors[operation.descriptor]
            node.bytes = node.bytes[:operation.flags].ljust(operation.flags, b"\0")
            node.synced = node.synced[:operation.flags]
        elif name == "fsync":
            node = self.descriptors[operation.descriptor]
            if isinstance(node, Folder):
                node.synced = dict(node.names)
            else:
                node.synced = node.bytes
        elif name == "mkdir":
            names, last = self.parent(operation.paths[0])
            names[last] = Folder()
        elif name in ("unlink", "rmdir"):
            names, last = self.parent(operation.paths[0])
            del names[last]
        elif name == "rename":
            names, last = self.parent(operation.paths[0])
            node = names.pop(last)
            names, last = self.parent(operation.paths[1])
            names[last] = node

    def remains(self, how_names, how_bytes, folder=None, prefix=""):
        """What a power loss leaves: paths with their bytes, None for a folder."""
        found = {}
        folder = folder or self.top
        for name, node in (folder.synced if how_names == "synced" else folder.names).items():
            if isinstance(node, Folder):
                found[prefix + name] = None
                found.update(self.remains(how_names, how_bytes, node, f"{prefix}{name}/"))
            else:
                found[prefix + name] = node.left(how_bytes)
        return found

# Below a folder that is new as well.
RUN = "runs/run"


def check(lab):
    for name, begin in SCENARIOS.items():
        with lab.preparing(f"power loss, {name}"):
            check_scenario(lab, name, begin)


def check_scenario(lab, name, begin):
    folder = lab.folder()
    root = folder / "root"
    root.mkdir()
    arguments = begin(lab, root / RUN)
    before = Disk(str(root))
    before.load(root)
    operations = record(lab, folder, arguments, root)
    print(f"      {len(operations)} calls to lose power after in {name}", flush=True)
    for kind, model in MODELS.items():
        found = points(operations, before, model)
        if not lab.is_long:
            found = random.Random(lab.seed).sample(found, min(len(found), 15))
        lab.each(f"{kind}, {name}", found, lambda folder, case: survive(lab, folder, case))


def new(lab, run):
    return lab.training(run)


def resumed(lab, run):
    """Killed after its second validation."""
    lab.kill_at(run, 3 / 5)
    return lab.resuming(run)


def begun_again(lab, run):
    """Killed before its first checkpoint."""
    lab.kill_at(run, 1 / 6)
    return lab.resuming(run)


SCENARIOS = {"a new run": new, "a resumed run": resumed, "a run begun again": begun_again}


class Point:
    """A moment of the power loss: what it left, and how far the run had come."""

    def __init__(self, number, left, promised):
        self.number, self.left, self.promised = number, left, promised

    def __repr__(self):
        return f"power lost after call {self.number}"


def points(operations, before, model):
    """Every moment that leaves something else than the one before it.

    With each goes the step that must have survived: that of the last checkpoint, as soon as the program has gone on to
    something else.
    """
    disk, found, seen = copy.deepcopy(before), [], set()
    last = disk.find(f"{disk.root}/{RUN}/{CHECKPOINTS[0]}") if RUN.split("/")[0] in disk.top.names else None
    saved = promised = step_of_bytes(last.bytes) if last else -1
    for number, operation in enumerate(operations, 1):
        if operation.name == "write":
            promised = saved
        disk.do(operation)
        if operation.name == "rename" and operation.paths[1].endswith(CHECKPOINTS[0]):
            saved = step_of_bytes(disk.find(operation.paths[1]).bytes)
        if number == len(operations):
            promised = saved
        left = disk.remains(*model)
        digest = hashlib.sha256(repr((sorted(left.items()), promised)).encode()).digest()
        if digest not in seen:
            seen.add(digest)
            found.append(Point(number, left, promised))
    return found


def survive(lab, folder, point):
    """The run must go on from what is left, from no earlier step than was saved, or begin again."""
    for path, data in point.left.items():
        place = folder / path
        if data is None:
            place.mkdir()
        else:
            place.write_bytes(data)
    run = folder / RUN
    last = run / CHECKPOINTS[0]
    step = step_of_bytes(last.read_bytes()) if last.exists() else -1
    require(step >= point.promised, f"step {point.promised} was saved, the checkpoint left is of step {step}")
    lab.finish(run, by_run=point.number % 2 == 0)
