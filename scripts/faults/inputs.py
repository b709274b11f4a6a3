"""Inputs that mislead: a folder named ~, a path through a link, models that have diverged, imports and probes that do not fit, logs
that are cut off or another program's."""
import json
import shutil
import struct

from .harness import CHECKPOINTS, State, require


def check(lab):
    run = lab.folder() / "run"
    lab.run(lab.training(run)).check([0])
    lab.each("a folder named ~", ["--run=~/x", "--run ~/x", "~"], lambda folder, case: tilde(lab, folder, case))
    lab.each("a path through a link and back", [0], lambda folder, case: link(lab, folder))
    lab.each("models whose logits are not finite", DIVERGED, lambda folder, case: diverged(lab, folder, case, run))
    lab.each("imports that do not fit", IMPORTS, lambda folder, case: misfit(lab, folder, case, run))
    lab.each("logs that are cut off", LOGS_CUT, lambda folder, case: cut(lab, folder, case, run))
    lab.each("logs of a run without checkpoints", LEFT, lambda folder, case: left(lab, folder, case, run))
    lab.each("probes that do not fit", PROBES, lambda folder, case: probe(lab, folder, case, run))


def tilde(lab, folder, spelling):
    """A path is what the system makes of it: nothing may appear in the home folder."""
    home = folder / "home"
    home.mkdir()
    environment = {**lab.environment(), "HOME": str(home)}
    path = "~" if spelling == "~" else "~/x"
    arguments = lab.training(path)
    place = arguments.index("--run")
    if "=" in spelling:
        arguments[place:place + 2] = [spelling]

    def run(*arguments):
        return lab.run(list(arguments), environment, cwd=folder).check([0])

    run(*arguments)
    State(folder / path).compare(lab.reference())
    run("train", f"--resume={path}", "--steps", "14", "--quiet")
    run("sample", path, "--length", "3", "--html=~page", "--quiet")
    run("attention", path, "--prompt", "thy ", "--svg=~picture", "--quiet")
    run("export", path, "--to", "huggingface", "~model", "--quiet")
    run("import", "~model", "--from", "huggingface", "--run=~y", "--quiet")
    require(not list(home.iterdir()), f"in the home folder: {[entry.name for entry in home.iterdir()]}")
    names = {entry.name for entry in folder.iterdir()} - {"home"}
    require(names == {"~", "~page", "~picture", "~model", "~y"}, f"made {sorted(names)}")


def link(lab, folder):
    """`link/..` is the parent of what the link leads to, for every call."""
    (folder / "real" / "deep").mkdir(parents=True)
    (folder / "link").symlink_to(folder / "real" / "deep")
    (folder / "x").mkdir()
    (folder / "x" / "notes").write_bytes(b"mine")
    (folder / "page").write_bytes(b"mine")
    (folder / "real" / "text").write_bytes(lab.text.read_bytes())
    arguments = lab.training("link/../x")
    arguments[1] = "link/../text"
    for command in (arguments, ["train", "--resume", "link/../x", "--steps", "14", "--quiet"],
                    ["sample", "link/../x", "--length", "3", "--html", "link/../page", "--quiet"],
                    ["sample", "link/../x", "--length", "4", "--html", "link/../page", "--quiet"],
                    ["export", "link/../x", "--to", "huggingface", "link/../model", "--quiet"]):
        lab.run(command, cwd=folder).check([0])
    names = {entry.name for entry in folder.iterdir()}
    require(names == {"real", "link", "x", "page"}, f"made {sorted(names)}")
    require((folder / "page").read_bytes() == b"mine" and len(list((folder / "x").iterdir())) == 1, "another file was changed")


DIVERGED = ["sample", "sample --temperature 0", "sample --html", "attention", "export", "heads", "neurons"]


def diverged(lab, folder, command, run):
    """Finite weights, so large that the logits are not."""
    shutil.copytree(run, folder / "run")
    for name in CHECKPOINTS:
        path = folder / "run" / name
        data = path.read_bytes()
        begin = 8 + struct.unpack("<Q", data[:8])[0]
        values = len(data[begin:]) // 4
        path.write_bytes(data[:begin] + struct.pack("<f", 3e38) * values)
    name, *options = command.split()
    arguments = [name, str(folder / "run"), "--quiet", *options]
    if options[-1:] == ["--html"]:
        arguments.append(str(folder / "new"))
    arguments += {"export": ["--to", "huggingface", str(folder / "new")],
                  "attention": ["--prompt", "thy ", "--json", str(folder / "new")]}.get(name, [])
    lab.run(arguments).refusal([1, 65], "diverged", "not finite")
    require(not (folder / "new").exists(), "something was written")


IMPORTS = {
    "a layer left out": {"n_layer": 1},
    "the output layer left out": {"tie_word_embeddings": True},
    "a word for a flag": {"tie_word_embeddings": "no"},
    "a word for a number": {"n_head": "2"},
    "a number for a word": {"activation_function": 3},
    "a fraction for a number": {"n_layer": 1.5},
    "a shorter context": {"n_positions": 8},
    "a list for a number": {"n_embd": [8]},
    "a rate that is none": {"resid_pdrop": "high"},
}


def misfit(lab, folder, name, run):
    """A folder whose config.json says something else than its tensors."""
    # Two layers, so that one can be left out.
    two = folder / "two"
    arguments = lab.training(two, steps=1, every=1)
    arguments[arguments.index("--layers") + 1] = "2"
    lab.run(arguments).check([0])
    lab.run(["export", str(two), "--to", "huggingface", str(folder / "model"), "--quiet"]).check([0])
    path = folder / "model" / "config.json"
    settings = json.loads(path.read_text())
    require(set(IMPORTS[name]) <= set(settings), f"config.json has no {list(IMPORTS[name])}")
    path.write_text(json.dumps({**settings, **IMPORTS[name]}))
    result = lab.run(["import", str(folder / "model"), "--from", "huggingface", "--run", str(folder / "new"), "--quiet"])
    result.refusal([65], str(folder / "model"))
    require(not (folder / "new").exists(), "a run was made")


PROBES = {
    "a longer text": lambda lines: [{**lines[0], "text": lines[0]["text"] + "thou"}, *lines[1:]],
    "a shorter text": lambda lines: [{**lines[0], "text": lines[0]["text"][:2]}, *lines[1:]],
    "a character the model does not know": lambda lines: [{**lines[0], "text": "th\N{SNOWMAN} "}, *lines[1:]],
    "no text": lambda lines: [{**lines[0], "text": ""}, *lines[1:]],
}


def probe(lab, folder, name, run):
    shutil.copytree(run, folder / "run")
    path = folder / "run" / "probe.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in PROBES[name](lines)))
    result = lab.run(["attention", str(folder / "run"), "--probe", "--html", str(folder / "new"), "--quiet"])
    result.refusal([65], "probe", "does not know")
    require(not (folder / "new").exists(), "a page was made")


# A log, and the part of it that is left; the last tenth of each is of the checkpoint's step.
LOGS_CUT = [(name, part) for name in ("metrics.csv", "samples.txt", "probe.jsonl") for part in (0, 0.3, 0.6, 0.9)]


def cut(lab, folder, case, run):
    """Refused with the log's name, and left as it is."""
    name, part = case
    shutil.copytree(run, folder / "run")
    path = folder / "run" / name
    data = path.read_bytes()[:int(path.stat().st_size * part)]
    path.write_bytes(data)
    lab.run([*lab.resuming(folder / "run"), "--steps", "14"]).refusal([65], name)
    require(path.read_bytes() == data, "the log was changed")


LEFT = [("metrics.csv",), ("samples.txt",), ("probe.jsonl",), ("metrics.csv", "samples.txt", "probe.jsonl")]


def left(lab, folder, names, run):
    """Logs of steps that were made are not given up with the checkpoints."""
    (folder / "run").mkdir()
    for name in ("config.json", *names):
        shutil.copy(run / name, folder / "run")
    before = {path.name: path.read_bytes() for path in (folder / "run").iterdir()}
    lab.run(lab.training(folder / "run")).refusal([73], "already exists")
    lab.run(lab.resuming(folder / "run")).refusal([66], "no checkpoint")
    after = {path.name: path.read_bytes() for path in (folder / "run").iterdir() if path.name != ".lock"}
    require(after == before, "a log was changed")
