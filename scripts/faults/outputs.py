"""The files that commands write once: whole, or as they were before, whatever call fails."""
from . import calls
from .harness import CHECKPOINTS, State, require
from .power import Disk

OLD = b"what was here before\n"
KINDS = {kind: kind for kind in ("KILL", "ENOSPC", "EIO", "FULL", "SHORT", "EINTR")}


def commands(run, place):
    """The commands, and what each writes."""
    prompt = ["attention", str(run), "--prompt", "thy ", "--quiet"]
    return {
        "attention --html": ([*prompt, "--html", str(place / "new")], "new"),
        "attention --svg": ([*prompt, "--svg", str(place / "new")], "new"),
        "attention --npy": ([*prompt, "--npy", str(place / "new")], "new"),
        "attention --safetensors": ([*prompt, "--safetensors", str(place / "new")], "new"),
        "attention --json": ([*prompt, "--json", str(place / "new")], "new"),
        "sample --html": (["sample", str(run), "--length", "5", "--html", str(place / "new"), "--quiet"], "new"),
        "export": (["export", str(run), "--to", "huggingface", str(place / "new"), "--quiet"], "folder"),
        "export --to gguf": (["export", str(run), "--to", "gguf", str(place / "new"), "--quiet"], "file"),
        "import": (["import", str(run.parent / "exported"), "--from", "huggingface", "--run", str(place / "new"),
                    "--quiet"], "run"),
    }


def check(lab):
    base = lab.folder()
    run = base / "run"
    lab.run(lab.training(run)).check([0])
    lab.run(["export", str(run), "--to", "huggingface", str(base / "exported"), "--quiet"]).check([0])
    before = State(run)
    for name in commands(run, base):
        trial = lab.folder()
        arguments, what = prepared(run, trial, name)
        operations = calls.record(lab, trial, arguments, trial / "place")
        expected = contents(trial / "place")
        found, names = calls.cases(lab, operations, KINDS, 3)
        lab.each(f"{name}, every call failing", found,
                 lambda folder, case: attempt(lab, folder, case, run, name, names, expected))
        lab.each(f"{name}, power loss", range(len(operations) + 1),
                 lambda folder, case: lose_power(lab, name, run, folder, operations, case, expected))
    State(run).compare(before)


def prepared(run, folder, name):
    """The command with a place of its own, in which a file of the name it writes is there already."""
    place = folder / "place"
    place.mkdir()
    arguments, what = commands(run, place)[name]
    if what == "new":
        (place / "new").write_bytes(OLD)
    return arguments, what


def contents(place):
    """Every file below a folder with its bytes; without what differs by time."""
    found = {}
    for path in place.rglob("*"):
        if path.is_file():
            name = str(path.relative_to(place))
            found[name] = b"" if name.endswith("config.json") and b'"started"' in path.read_bytes() else path.read_bytes()
    return found


def attempt(lab, folder, case, run, name, names, expected):
    arguments, what = prepared(run, folder, name)
    place = folder / "place"
    before = contents(place)
    number, kind = case
    result = lab.run(arguments, lab.environment(place, at=number, kind=kind))
    calls.judge(result, kind, str(place), names[number - 1])
    after = contents(place)
    if names[number - 1] in ("unlink", "rmdir"):
        after = {name: data for name, data in after.items() if not name.endswith(".tmp")}
    if result.code == 0:
        require(after == expected, f"exit code 0, but {sorted(after)} is not what it writes")
    elif kind == "KILL":
        # What a killed process leaves is beside the file, under another name; a run can be imported again.
        if what == "new":
            require(after["new"] in (OLD, expected["new"]), "a part of a file has the name of the whole")
        if what == "file":
            require(after.get("new") in (None, expected["new"]), "a part of a file has the name of the whole")
        if what == "folder":
            require(not (place / "new").exists() or after == expected, "a part of a folder has the name of the whole")
    else:
        left = {key: value for key, value in after.items() if not key.endswith("/.lock")}
        require(left == before, f"after exit code {result.code} there is {sorted(after)}, before {sorted(before)}")
    if what == "run" and result.code != 0 and not (place / "new" / CHECKPOINTS[0]).exists():
        lab.run(arguments).check([0], "importing again: ")
        require(contents(place) == expected, "the model that was imported again is another")


def lose_power(lab, name, run, folder, operations, case, expected):
    """Nothing, or what was there before, or all of it; all of it at the end."""
    recorded = next(operation.paths[-1] for operation in operations if operation.paths)
    root = recorded[:recorded.index("/place") + len("/place")]
    _, what = prepared(run, folder, name)
    for names in ("synced", "current"):
        for how in ("synced", "zeros", "half", "hole"):
            disk = Disk(root)
            disk.load(folder / "place")
            for operation in operations[:case]:
                disk.do(operation)
            left = {path: data for path, data in disk.remains(names, how).items() if data is not None}
            whole = all(left.get(path) == data or path.endswith("config.json") for path, data in expected.items())
            require(whole or case < len(operations), f"the power failed at the end, and not all is there ({names}, {how})")
            nothing = {"new": left.get("new") == OLD, "file": "new" not in left, "run": f"new/{CHECKPOINTS[0]}" not in left,
                       "folder": not any(path.startswith("new/") for path in left)}[what]
            require(whole or nothing, f"a part of it is left ({names}, {how}): {sorted(left)}")
