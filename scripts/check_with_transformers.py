"""Compares what tinygpt says about a model with what transformers says about its export; prints the largest disagreements."""
import json
import os
import pathlib
import subprocess
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["TQDM_DISABLE"] = "1"
import torch
from torch.nn import functional as F
from transformers import AutoModelForCausalLM, AutoTokenizer

from disagreements import largest, report

ROOT = pathlib.Path(__file__).resolve().parent.parent
TINYGPT = str(ROOT / ".build/release/tinygpt")
SIZES = ["--layers", "2", "--heads", "4", "--width", "64", "--context", "48", "--batch", "8", "--steps", "200", "--quiet"]
MODERN = ["--architecture", "modern", "--learning-rate", "3e-3"]
LIMITS = {"validation loss": 1e-4, "attention weight": 2e-5, "next-character probability": 2e-5}


def tinygpt(*arguments):
    return subprocess.run([TINYGPT, *map(str, arguments)], check=True, capture_output=True, timeout=600).stdout.decode("utf-8")


def validation_loss(model, ids, context):
    """The mean over consecutive windows in which every character but the first is predicted once."""
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(ids) - 1, context):
            window = ids[start : start + context + 1]
            logits = model(window[None, :-1]).logits[0]
            total += F.cross_entropy(logits, window[1:], reduction="sum").item()
    return total / (len(ids) - 1)


def check(folder, text_path, options):
    run, exported = folder / "run", folder / "exported"
    tinygpt("train", text_path, *SIZES, *options, "--run", run)
    tinygpt("export", run, "--to", "huggingface", exported, "--quiet")
    model = AutoModelForCausalLM.from_pretrained(exported, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(exported)
    context = model.config.max_position_embeddings

    text = pathlib.Path(text_path).read_bytes().decode("utf-8")
    for piece in (text[:5000], " ", "\n", "  \n\n", text[-7:]):
        ids = tokenizer(piece)["input_ids"]
        assert len(ids) == len(piece) and tokenizer.decode(ids) == piece, f"the tokenizer changes {piece[:20]!r}"

    validation = text[int(len(text) * 0.9):]
    ids = torch.tensor(tokenizer(validation)["input_ids"])
    ours = json.loads(tinygpt("eval", run, "--json"))["loss"]
    found = {"validation loss": abs(ours - validation_loss(model, ids, context))}

    prompt = text[100 : 100 + context]
    attention = json.loads(tinygpt("attention", run, "--prompt", prompt, "--json", "-"))
    encoded = tokenizer(prompt, return_tensors="pt")
    with torch.no_grad():
        output = model(**encoded, output_attentions=True)
    found["attention weight"] = largest(
        (torch.tensor(ours) - theirs[0]).abs().max().item()
        for ours, theirs in zip(attention["weights"], output.attentions, strict=True))
    probabilities = output.logits[0, -1].softmax(-1)
    vocabulary = tokenizer.get_vocab()
    found["next-character probability"] = largest(
        abs(probabilities[vocabulary[next["character"]]].item() - next["probability"]) for next in attention["next"])

    start = prompt[:8]
    ours = tinygpt("sample", run, "--prompt", start, "--temperature", 0, "--length", context - 8)
    theirs = model.generate(**tokenizer(start, return_tensors="pt"), max_new_tokens=context - 8, do_sample=False)
    assert tokenizer.decode(theirs[0]) == ours, f"greedy text differs: {ours!r}, {tokenizer.decode(theirs[0])!r}"

    # Written again by transformers, the folder comes back with the same bits.
    model.save_pretrained(folder / "again")
    tokenizer.save_pretrained(folder / "again")
    tinygpt("import", "--from", "huggingface", folder / "again", "--run", folder / "back", "--quiet")
    before, after = (json.loads(tinygpt("eval", folder / name, text_path, "--json")) for name in ("run", "back"))
    # An imported model has no training text to count n-grams on.
    del before["yardsticks"], after["yardsticks"]
    assert before == after, f"a model that went to transformers and back is another: {before} {after}"
    return found


def main():
    sonnets = ROOT / "data/shakespeare.txt"
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        odd = pathlib.Path(temporary) / "odd.txt"
        line = "na\u00efve cafe\u0301 \U0001F600\U0001F468\u200D\U0001F469 \u4f60\u597d\t<unknown> \"quoted\" \\ end\r\n"
        odd.write_bytes((line * 60).encode("utf-8"))
        cases = {
            "untied, no biases": (sonnets, []), "tied, biases": (sonnets, ["--tied", "--bias"]),
            "emoji, combining marks, CRLF": (odd, []),
            "modern": (sonnets, MODERN), "modern tied": (sonnets, [*MODERN, "--tied"]),
        }
        for name, (text, options) in cases.items():
            folder = pathlib.Path(temporary) / name.split(",")[0]
            folder.mkdir()
            found.append(check(folder, text, options))
            assert found[-1].keys() == LIMITS.keys(), f"compared {list(found[-1])}, expected {list(LIMITS)}"
    report("transformers", found, LIMITS, "greedy text, tokenizers and the way back")


if __name__ == "__main__":
    main()
