"""Compares what tinygpt says about a model with what llama.cpp says about its export; prints the largest disagreements.

Files that are wrong on purpose come last: each must be found out. Without arguments it checks; with a file it is the process in which
llama.cpp runs: questions come on standard input, since a file that is wrong can end the process.
"""
import json
import math
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import gguf
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
TINYGPT = str(ROOT / ".build/release/tinygpt")
SIZES = ["--layers", "2", "--heads", "2", "--context", "64", "--batch", "8", "--steps", "150", "--learning-rate", "3e-3", "--quiet"]
# The largest difference of a probability. llama.cpp computes GELU from a table in half precision, which alone makes 3e-4.
LIMITS = {"f32": 1e-3, "f16": 5e-3, "bf16": 4e-2, "q8_0": 0.15}
CONTEXT = 64
# Tokens of lead bytes: no more likely than this.
NEVER = -25
# Characters that no text here has; the first begins like one that some have.
UNKNOWN = ["a\u00f1b", "\u00f1", "\u4e01\U0001f600", "#\x01"]
SECONDS, BYTES = 60, 3 << 30


def tinygpt(*arguments):
    return subprocess.run([TINYGPT, *map(str, arguments)], check=True, capture_output=True, timeout=600).stdout.decode("utf-8")


# MARK: the process of llama.cpp

def serve(path):
    """Answers questions about a file: tokens of texts, greedy continuations, probabilities of what may come next."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.n_ctx, parameters.n_parallel, parameters.cpuparams.n_threads = CONTEXT, 1, 1
    parameters.warmup, parameters.verbosity = False, -1
    parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    server = xllamacpp.Server(parameters)

    def post(place, **body):
        request = urllib.request.Request(
            server.listening_address + place, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return {"error": f"HTTP {error.code}"}

    def next_probabilities(text, count):
        answer = post("/completion", prompt=text, n_predict=1, n_probs=count, temperature=0)
        if "error" in answer:
            return answer["error"]
        return {token["id"]: token["logprob"] for token in answer["completion_probabilities"][0]["top_logprobs"]}

    questions = json.load(sys.stdin)
    tokens = [post("/tokenize", content=text).get("tokens") for text in questions["texts"]]
    answers = {
        "tokens": tokens,
        "texts": [post("/detokenize", tokens=list_).get("content") for list_ in tokens],
        "greedy": [post("/completion", prompt=prompt, n_predict=length, temperature=0).get("content")
                   for prompt, length in questions["prompts"]],
        "next": [next_probabilities(text, questions["vocabulary"]) for text in questions["prefixes"]],
        "unknown": [post("/completion", prompt=text, n_predict=4, temperature=0).get("content") for text in questions["unknown"]],
    }
    pathlib.Path(os.environ["ANSWERS"]).write_text(json.dumps(answers))
    os._exit(0)


def ask(path, questions, seconds=SECONDS):
    """The answers of llama.cpp, or why there are none."""
    with tempfile.NamedTemporaryFile() as answers:
        try:
            process = subprocess.run(
                [sys.executable, __file__, str(path)], input=json.dumps(questions), text=True, capture_output=True, timeout=seconds,
                env={**os.environ, "ANSWERS": answers.name})
        except subprocess.TimeoutExpired:
            return f"no answer in {seconds} s"
        if process.returncode:
            return f"llama.cpp ended with {process.returncode}: {process.stderr[-300:]}"
        return json.loads(answers.read())


# MARK: what tinygpt says

def argument(text):
    """What of a text can be an argument of a command: no NUL."""
    return text.split("\0")[-1] or " "


class Reference:
    """A model and tinygpt's answers about it."""

    def __init__(self, run, text):
        self.run = run
        self.characters = sorted(set(text))
        self.lead_bytes = {character.encode()[0] for character in self.characters if ord(character) > 127}
        starts = [argument(piece) for piece in (text[100:103], text[300:320], text[777:778])]
        self.greedy = [tinygpt("sample", run, "--prompt", start, "--temperature", 0, "--length", CONTEXT - len(start), "--quiet")
                       for start in starts]
        prefixes = [argument(text[start:start + length]) for start, length in zip(range(50, 2000, 97), [1, 2, 5, 20, 40, 63] * 3)]
        self.next = {prefix: self.probabilities(prefix) for prefix in prefixes + [argument(greedy[:50]) for greedy in self.greedy]}
        self.questions = {
            "texts": [text[:400], *self.characters, "  \n\n", self.greedy[0]],
            "prompts": [(start, CONTEXT - len(start)) for start in starts], "prefixes": list(self.next),
            "unknown": UNKNOWN, "vocabulary": len(self.characters) + len(self.lead_bytes)}
        self.starts = starts

    def probabilities(self, prefix):
        answer = json.loads(tinygpt("attention", self.run, "--prompt", prefix, "--json", "-"))
        found = {next["character"]: next["probability"] for next in answer["next"]}
        return [found[character] for character in self.characters]

    def tokens(self, text):
        return [self.characters.index(character) for character in text if character in self.characters]


def problems(reference, path, kind, seconds=SECONDS):
    """What is wrong with a file, and the largest difference of a probability."""
    answers = ask(path, reference.questions, seconds)
    if isinstance(answers, str):
        return [answers], math.inf
    found, worst = [], 0.0
    for text, tokens, back in zip(reference.questions["texts"], answers["tokens"], answers["texts"], strict=True):
        known = all(character in reference.characters for character in text)
        if known and (tokens != reference.tokens(text) or back != text):
            found.append(f"{text[:20]!r} is {str(tokens)[:60]}, and back {str(back)[:20]!r}")
    for text, content in zip(UNKNOWN, answers["unknown"], strict=True):
        if not content:
            found.append(f"no answer to {text!r}, of unknown characters")
    for (prefix, ours), theirs in zip(reference.next.items(), answers["next"], strict=True):
        if isinstance(theirs, str):
            found.append(f"{prefix[:20]!r}: {theirs}")
            continue
        likely = {int(token): logarithm for token, logarithm in theirs.items()}
        worst = max([worst] + [abs(math.exp(likely.get(token, -math.inf)) - p) for token, p in enumerate(ours)])
        for token in range(len(ours), len(ours) + len(reference.lead_bytes)):
            if likely.get(token, -math.inf) > NEVER:
                found.append(f"the token {token}, a lead byte, has ln p = {likely[token]:.1f} after {prefix[:20]!r}")
    if not worst <= LIMITS[kind]:
        found.append(f"probabilities differ by {worst:.1e}, allowed {LIMITS[kind]:.1e}")
    if kind == "f32":
        for start, ours, theirs in zip(reference.starts, reference.greedy, answers["greedy"], strict=True):
            found += differs(reference, start, ours, start + (theirs or ""))
    return found, worst


def differs(reference, start, ours, theirs):
    """What is wrong with a greedy text: two characters may be as likely as each other, and then the rest may be another."""
    if ours == theirs:
        return []
    place = len(os.path.commonprefix([ours, theirs]))
    if place < len(start) or place >= min(len(ours), len(theirs)):
        return [f"greedy text ends elsewhere: {ours!r}, {theirs!r}"]
    p = reference.probabilities(ours[:place])
    apart = p[reference.characters.index(ours[place])] - p[reference.characters.index(theirs[place])]
    return [] if apart < LIMITS["f32"] else [f"greedy text differs at {place}, probabilities are {apart:.1e} apart: {ours!r}, {theirs!r}"]


# MARK: the bytes

def check_bytes(folder, reference, run):
    """Tensors and rounding as the gguf package reads and does them, and the way back."""
    kinds = {"f16": gguf.GGMLQuantizationType.F16, "bf16": gguf.GGMLQuantizationType.BF16, "q8_0": gguf.GGMLQuantizationType.Q8_0}
    exact = {tensor.name: tensor for tensor in gguf.GGUFReader(folder / "f32.gguf").tensors}
    original = len(gguf.GGUFReader(folder / "f32.gguf").get_field("tokenizer.ggml.tokens").data)
    assert original == len(reference.characters) + len(reference.lead_bytes), f"{original} tokens"
    compared = 0
    for kind, code in kinds.items():
        tensors = gguf.GGUFReader(folder / f"{kind}.gguf").tensors
        if not reference.lead_bytes:
            assert {tensor.name for tensor in tensors} == set(exact), "other tensors"
        for tensor in tensors:
            assert tensor.data_offset % 32 == 0, f"{tensor.name} at {tensor.data_offset}"
            assert list(tensor.shape) == list(exact[tensor.name].shape), f"{tensor.name} of shape {tensor.shape}"
            expected = gguf.quants.quantize(exact[tensor.name].data, tensor.tensor_type)
            assert tensor.data.tobytes() == expected.tobytes(), f"{tensor.name} as {kind} is not what the gguf package makes of it"
            compared += tensor.tensor_type == code
    assert compared >= 20, f"only {compared} tensors were rounded"
    tinygpt("import", folder / "f32.gguf", "--from", "gguf", "--run", folder / "back", "--quiet")
    tinygpt("export", folder / "back", "--to", "gguf", folder / "again.gguf", "--quiet")
    assert (folder / "again.gguf").read_bytes() == (folder / "f32.gguf").read_bytes(), "not the same bits after the way back"
    ours, back = (tinygpt("sample", one, "--seed", 3, "--length", 200, "--quiet") for one in (run, folder / "back"))
    assert ours == back, "another model after the way back"
    # Rounded values come back, too.
    tinygpt("import", folder / "q8_0.gguf", "--from", "gguf", "--run", folder / "rounded", "--quiet")
    rounded = Reference.__new__(Reference)
    rounded.run, rounded.characters = folder / "rounded", reference.characters
    prefix = next(iter(reference.next))
    apart = max(abs(a - b) for a, b in zip(rounded.probabilities(prefix), reference.next[prefix], strict=True))
    assert apart <= LIMITS["q8_0"], f"8 bits on the way back: probabilities differ by {apart}"
    return compared


# MARK: files that are wrong

def tensor(reader, name):
    return next(tensor for tensor in reader.tensors if tensor.name == name).data


def not_transposed(reader):
    matrix = tensor(reader, "blk.0.attn_output.weight")
    matrix[:] = matrix.T.copy()


def exchanged(reader):
    names = {tensor.name for tensor in reader.tensors}
    if "blk.0.attn_q.weight" in names:
        q, k = tensor(reader, "blk.0.attn_q.weight"), tensor(reader, "blk.0.attn_k.weight")
    else:
        both = tensor(reader, "blk.0.attn_qkv.weight")
        third = len(both) // 3
        q, k = both[:third], both[third:2 * third]
    q[:], k[:] = k.copy(), q.copy()


def shifted(reader):
    names = {tensor.name for tensor in reader.tensors}
    if "position_embd.weight" in names:
        positions = tensor(reader, "position_embd.weight")
        positions[:] = np.roll(positions, 1, axis=0)
    else:
        # Rotations depend on distances alone; these are distances in another unit.
        reader.get_field("qwen3.rope.freq_base").parts[-1][0] = 500


def winning(reader):
    matrix = tensor(reader, "output.weight")
    matrix[-1] = matrix[0]


def renamed(old, new):
    def change(path):
        data = path.read_bytes()
        assert data.count(old) == 1, f"{old} is there {data.count(old)} times"
        path.write_bytes(data.replace(old, new))
    return change


def reading(change):
    return lambda path: change(gguf.GGUFReader(path, "r+"))


WRONG = {
    "a matrix not transposed": reading(not_transposed), "q and k exchanged": reading(exchanged), "positions shifted": reading(shifted),
    "no unknown token": renamed(b"unknown_token_id", b"unknown_token_xx"),
}
WRONG_UNICODE = {"a lead byte that can win": reading(winning)}
# The tokenizer never ends, so it is not waited for.
ENDLESS = {"no token for a lead byte": renamed(b"\\xc3", b"\\x02")}


def check_checker(folder, reference, wrong, seconds=SECONDS):
    for name, change in wrong.items():
        path = folder / "wrong.gguf"
        shutil.copy(folder / "f32.gguf", path)
        change(path)
        found, _ = problems(reference, path, "f32", seconds)
        assert found, f"{name}: nothing was found"
        print(f"  found out: {name}: {re.sub(chr(10), ' ', found[0])[:90]}")


def main():
    sonnets = (ROOT / "data/shakespeare.txt").read_bytes().decode("utf-8")
    odd = "na\u00efve caf\u00e9 \u2014 \u65e5\u672c\u8a9e \U0001f389 \"quoted\" \\ e\u0301\t<x>\x7f\x00\u2028\u2581\r\n"
    # No newline, and unknown characters are read as spaces.
    line = "caf\u00e9 \u65e5\u672c "
    unicode_text = "".join(odd + sonnets[start:start + 120] for start in range(0, 12_000, 120))
    modern = ["--architecture", "modern"]
    cases = {
        "classic": (sonnets, ["--width", 64]), "classic, biases, tied, width 48": (sonnets, ["--width", 48, "--bias", "--tied"]),
        "classic, Unicode": (unicode_text, ["--width", 64]),
        "classic, Unicode, biases, tied": (unicode_text, ["--width", 64, "--bias", "--tied"]),
        "modern": (sonnets, [*modern, "--width", 64]), "modern, Unicode": (unicode_text, [*modern, "--width", 64]),
        "modern, Unicode, tied, width 48": (unicode_text, [*modern, "--width", 48, "--tied"]),
        "no newline": ("".join(line + word + " " for word in sonnets[:9000].split()), ["--width", 32]),
    }
    failures, rows, compared = [], [], 0
    with tempfile.TemporaryDirectory() as temporary:
        for number, (name, (text, options)) in enumerate(cases.items()):
            folder = pathlib.Path(temporary) / str(number)
            folder.mkdir()
            (folder / "text").write_bytes(text.encode("utf-8"))
            tinygpt("train", folder / "text", *SIZES, *options, "--run", folder / "run")
            reference = Reference(folder / "run", text)
            row = []
            for kind in LIMITS:
                path = folder / f"{kind}.gguf"
                tinygpt("export", folder / "run", "--to", "gguf", path, "--type", kind, "--quiet")
                found, worst = problems(reference, path, kind)
                failures += [f"{name}, {kind}: {problem}" for problem in found]
                row.append(f"{worst:.1e}")
            compared += check_bytes(folder, reference, folder / "run")
            rows.append(f"| {name} | {' | '.join(row)} |")
            print(rows[-1], flush=True)
            if name in ("classic", "modern"):
                check_checker(folder, reference, WRONG)
            if name in ("classic, Unicode", "modern, Unicode"):
                check_checker(folder, reference, WRONG_UNICODE)
            if name == "classic, Unicode":
                check_checker(folder, reference, ENDLESS, 10)
    print("\n| largest difference of a probability | " + " | ".join(LIMITS) + " |\n|---|" + "---|" * len(LIMITS))
    print("\n".join(rows) + f"\n| allowed | {' | '.join(f'{limit:.1e}' for limit in LIMITS.values())} |")
    print(f"{compared} tensors rounded as the gguf package does; greedy text, tokens, unknown characters and the way back: the same")
    if failures:
        sys.exit("FAILED:\n" + "\n".join(failures))


if __name__ == "__main__":
    serve(sys.argv[1]) if len(sys.argv) > 1 else main()
