"""Compares what tinygpt says about a model with what its exports say in PyTorch: the model.py of --to pytorch, and nanoGPT's own class
and sample.py for --to nanogpt. Prints the largest disagreements.
"""
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import torch
from torch import nn
from torch.nn import functional as F

from disagreements import largest, report

ROOT = pathlib.Path(__file__).resolve().parent.parent
TINYGPT = str(ROOT / ".build/release/tinygpt")
CONTEXT = 48
torch.set_num_threads(1)
SIZES = ["--layers", "2", "--heads", "4", "--width", "64", "--context", str(CONTEXT), "--batch", "8", "--steps", "200", "--quiet"]
MODERN = ["--architecture", "modern", "--learning-rate", "3e-3"]
# The last: nanoGPT's GELU is the exact one, tinygpt's and GPT-2's is approximated by a hyperbolic tangent.
LIMITS = {"validation loss": 1e-4, "next-character probability": 2e-5, "the same in nanoGPT, with its GELU exchanged": 2e-5,
          "the same in nanoGPT as it is": 1e-3}


def tinygpt(*arguments):
    return subprocess.run([TINYGPT, *map(str, arguments)], check=True, capture_output=True, timeout=600).stdout.decode("utf-8")


def module(path):
    specification = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = found
    specification.loader.exec_module(found)
    return found


def probabilities(run, prompt):
    answer = json.loads(tinygpt("attention", run, "--prompt", prompt, "--json", "-"))
    found = {next["character"]: next["probability"] for next in answer["next"]}
    return torch.tensor([found[character] for character in sorted(found)])


def prompts(text):
    return [text[start:start + length] for start, length in [(100, CONTEXT), (333, 1), (500, 2), (700, 7), (901, 31)]]


@torch.no_grad()
def next_character(logits_of, characters, prompt):
    tokens = torch.tensor([[characters.index(character) for character in prompt]])
    return logits_of(tokens)[0, -1].softmax(-1)


def check_pytorch(folder, text, options):
    run, exported = folder / "run", folder / "exported"
    (folder / "text").write_bytes(text.encode("utf-8"))
    tinygpt("train", folder / "text", *SIZES, *options, "--run", run)
    tinygpt("export", run, "--to", "pytorch", exported, "--quiet")
    lines = [line for line in (exported / "model.py").read_text("utf-8").splitlines() if line.strip() and '"""' not in line]
    print(f"model.py has {len(lines)} lines of code")
    assert len(lines) <= 60 or options, "a plain model takes more than 60 lines"
    python = module(exported / "model.py")
    generate = module(exported / "sample.py").generate
    model, characters = python.load()
    assert list(characters) == sorted(set(text)), "other characters"
    found = {"next-character probability": largest(
        (next_character(model, characters, prompt) - probabilities(run, prompt)).abs().max().item() for prompt in prompts(text))}

    ids = torch.tensor([characters.index(character) for character in text[int(len(text) * 0.9):]])
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(ids) - 1, CONTEXT):
            window = ids[start:start + CONTEXT + 1]
            total += F.cross_entropy(model(window[None, :-1])[0], window[1:], reduction="sum").item()
    found["validation loss"] = abs(json.loads(tinygpt("eval", run, "--json"))["loss"] - total / (len(ids) - 1))

    start = text[100:108]
    ours = tinygpt("sample", run, "--prompt", start, "--temperature", 0, "--length", CONTEXT - 8, "--quiet").removesuffix("\n")
    tokens = torch.tensor([[characters.index(character) for character in start]])
    theirs = "".join(characters[token] for token in generate(model, tokens, CONTEXT - 8, temperature=0)[0])
    assert theirs.removesuffix("\n") == ours, f"greedy text differs: {ours!r}, {theirs!r}"
    program = subprocess.run([sys.executable, exported / "sample.py", start, "20"], check=True, capture_output=True).stdout.decode("utf-8")
    assert program.startswith(start) and len(program.removesuffix("\n")) == 28, f"sample.py wrote {program!r}"

    for arguments, message in [([], "PROMPT [LENGTH]"), (["\u2603"], "does not know '\u2603'")]:
        refused = subprocess.run([sys.executable, exported / "sample.py", *arguments], capture_output=True)
        assert refused.returncode == 1 and message in refused.stderr.decode("utf-8"), refused.stderr

    # A step of training there, and back.
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    window = ids[None, :CONTEXT]
    loss = F.cross_entropy(model(window[:, :-1])[0], window[0, 1:])
    loss.backward()
    missing = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert not missing, f"no gradients: {missing}"
    optimizer.step()
    model.eval()
    python.save(model)
    tinygpt("import", "--from", "pytorch", exported, "--run", folder / "back", "--quiet")
    after = largest((next_character(model, characters, prompt) - probabilities(folder / "back", prompt)).abs().max().item()
                    for prompt in prompts(text))
    moved = (probabilities(folder / "back", text[:9]) - probabilities(run, text[:9])).abs().max().item()
    assert moved > 1e-4, "the step changed nothing"
    found["next-character probability"] = largest([found["next-character probability"], after])
    return found


def check_nanogpt(folder, nanogpt, text, options):
    run, exported, copy = folder / "run", folder / "exported", folder / "nanoGPT"
    (folder / "text").write_bytes(text.encode("utf-8"))
    tinygpt("train", folder / "text", *SIZES, *options, "--run", run)
    tinygpt("export", run, "--to", "nanogpt", exported, "--quiet")
    copy.mkdir()
    for name in ("model.py", "sample.py", "configurator.py"):
        shutil.copy(nanogpt / name, copy / name)
    make = [sys.executable, exported / "make_checkpoint.py", copy]

    def check_refusal(arguments, message):
        before = sorted(copy.parent.rglob("*"))
        refused = subprocess.run(arguments, capture_output=True, text=True)
        assert refused.returncode == 1 and message in refused.stderr and before == sorted(copy.parent.rglob("*")), refused.stderr

    check_refusal([*make[:2], folder / "mistyped"], "is not nanoGPT's folder")
    (copy / "data/mine").mkdir(parents=True)
    (copy / "data/mine/meta.pkl").touch()
    check_refusal([*make, "mine"], "meta.pkl exists and is not overwritten")
    subprocess.run(make, check=True, capture_output=True)
    check_refusal(make, "ckpt.pt exists and is not overwritten")

    start = text[100:108]
    # Of one token the likeliest is always drawn.
    sample = subprocess.run(
        [sys.executable, "sample.py", "--out_dir=out-tinygpt", "--device=cpu", "--num_samples=1", "--top_k=1", f"--start={start}",
         f"--max_new_tokens={CONTEXT - 8}"], cwd=copy, check=True, capture_output=True, text=True).stdout
    # Before it sample.py says what it was asked for.
    theirs = sample.split("meta.pkl...\n")[1].split("\n---------------")[0]
    ours = tinygpt("sample", run, "--prompt", start, "--temperature", 0, "--length", CONTEXT - 8, "--quiet").removesuffix("\n")

    peer = module(copy / "model.py")
    checkpoint = torch.load(copy / "out-tinygpt/ckpt.pt")
    model = peer.GPT(peer.GPTConfig(**checkpoint["model_args"]))
    model.load_state_dict(checkpoint["model"])
    model.eval()
    characters = sorted(set(text))
    found = {}
    for quantity in ("the same in nanoGPT as it is", "the same in nanoGPT, with its GELU exchanged"):
        found[quantity] = largest(
            (next_character(lambda tokens: model(tokens)[0], characters, prompt) - probabilities(run, prompt)).abs().max().item()
            for prompt in prompts(text))
        for block in model.transformer.h:
            block.mlp.gelu = nn.GELU(approximate="tanh")
    if theirs.removesuffix("\n") != ours:
        place = next(index for index, (a, b) in enumerate(zip(ours, theirs)) if a != b)
        p = probabilities(run, ours[:place])
        apart = p[characters.index(ours[place])] - p[characters.index(theirs[place])]
        assert apart < LIMITS["the same in nanoGPT as it is"], f"sample.py wrote {theirs!r}, tinygpt {ours!r}"

    tinygpt("import", "--from", "nanogpt", exported, "--run", folder / "back", "--quiet")
    assert torch.equal(probabilities(run, start), probabilities(folder / "back", start)), "another model after the way back"
    return found


def main():
    nanogpt = pathlib.Path(sys.argv[1])
    sonnets = (ROOT / "data/shakespeare.txt").read_bytes().decode("utf-8")
    few = "".join(character for character in sonnets.lower() if character in "aeiou dntrs\n")
    odd = ("na\u00efve cafe\u0301 \U0001F600\U0001F468\u200D\U0001F469 \u4f60\u597d\t\"quoted\" \\ end\r\n") * 60
    cases = {
        "classic": (sonnets, []), "tied, biases": (sonnets, ["--tied", "--bias"]), "odd": (odd, []), "modern": (sonnets, MODERN),
        "modern tied": (odd, [*MODERN, "--tied"]), "triples, hashed": (sonnets, [*MODERN, "--tables", "trigram"]),
        "triples": (few, [*MODERN, "--tables", "trigram"]), "pairs, classic": (sonnets, ["--tables", "bigram"]),
    }
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        work = [(name, check_pytorch, *case) for name, case in cases.items()]
        if nanogpt.is_dir():
            def check(folder, text, options):
                return check_nanogpt(folder, nanogpt, text, options)
            work += [("nanoGPT", check, sonnets, ["--tied"]), ("nanoGPT, biases", check, sonnets, ["--tied", "--bias"])]
        else:
            print(f"nanoGPT is not checked: there is no folder {nanogpt}")
        for name, check, text, options in work:
            folder = pathlib.Path(temporary) / name
            folder.mkdir()
            print(f"{name} ...", file=sys.stderr, flush=True)
            found.append(check(folder, text, options))
    report("PyTorch", found, LIMITS, "greedy text, a step of training and the way back")


if __name__ == "__main__":
    main()
