"""Runs the program under limits of its address space and compares what it needs with what it said; see check-memory.sh."""
import os, pathlib, re, resource, shutil, struct, subprocess, sys, tempfile

program, is_long = os.path.abspath(sys.argv[1]), "--long" in sys.argv
sonnets = os.path.abspath("data/shakespeare.txt")
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
checks = failures = 0


def check(is_right, what):
    global checks, failures
    checks += 1
    if not is_right:
        failures += 1
        print(f"FAILED: {what}", file=sys.stderr)


def run(arguments, limit=None, standard_input=subprocess.DEVNULL):
    """Exit code (negative: the signal), standard error and the peak of resident memory in MB."""
    def limited():
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([program, *map(str, arguments)], stdin=standard_input, stdout=subprocess.DEVNULL,
                                   stderr=errors, preexec_fn=limited)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        return process.returncode, errors.read().decode(), usage.ru_maxrss * 1024 / 1e6


print("== estimates beside measured peaks")
sizes = [["--batch", 12], ["--batch", 128], ["--layers", 8, "--batch", 64], ["--context", 256, "--width", 512, "--batch", 4],
         ["--architecture", "modern", "--batch", 128],
         ["--architecture", "modern", "--optimizer", "muon", "--tables", "trigram", "--batch", 12]]
if is_long:
    sizes += [["--context", 256, "--batch", 32],
              ["--layers", 1, "--context", 256, "--width", 512, "--batch", 16], ["--context", 1024, "--width", 64, "--batch", 8],
              ["--preset", "baby", "--batch", 8], ["--preset", "baby", "--batch", 16],
              ["--preset", "baby", "--batch", 16, "--tied", "--bias", "--dropout", 0],
              ["--context", 4096, "--width", 64, "--layers", 2, "--batch", 1],
              ["--architecture", "modern", "--layers", 8, "--batch", 64],
              ["--architecture", "modern", "--preset", "baby", "--batch", 16],
              ["--width", 384, "--accumulate", 2], ["--preset", "baby", "--batch", 1, "--accumulate", 4],
              ["--preset", "fast", "--tables", "trigram"]]
for number, size in enumerate(sizes):
    arguments = ["train", sonnets, "--steps", 3, "--run", f"estimate-{number}", *size]
    # In too little memory the program says how much it needs.
    code, message, _ = run(arguments, limit=120_000_000)
    found = re.search(r"needs (\d+) MB of memory, but only (\d+) MB is available", message)
    check(code == 1 and found, f"{size} in 120 MB: exit code {code}, {message!r}")
    code, message, peak = run(arguments)
    check(code == 0, f"{size}: exit code {code}, {message!r}")
    if found:
        needed = int(found[1])
        print(f"{' '.join(map(str, size)):66} estimated {needed:4} MB, measured {peak:4.0f} MB, {needed / peak - 1:+.0%}")
        check(0.9 < needed / peak < 1.1, f"{size}: estimated {needed} MB, measured {peak:.0f}")

print("== running out of memory, at every limit")
whole = ["train", sonnets, "--batch", 64, "--steps", 2, "--seed", 5]
run([*whole, "--run", "undisturbed"])
codes = {}
for limit in range(100_000_000, 340_000_000, 1_000_000 if is_long else 8_000_000):
    name = f"limit-{limit}"
    code, message, _ = run([*whole, "--run", name], limit)
    codes[code] = codes.get(code, 0) + 1
    check(code in (0, 1), f"limit {limit}: exit code {code}, {message[:500]!r}")
    if code == 1:
        lines = message.strip().split("\n")
        check(any("memory" in line for line in lines[-2:]), f"limit {limit}: {message[:500]!r}")
        check("***" not in message, f"limit {limit}: a crash report")
        # What was saved before must be good: the run begins again or goes on, and ends like the undisturbed one.
        if pathlib.Path(name, "checkpoint-last.safetensors").exists():
            code, message, _ = run(["train", "--resume", name])
            check(code == 0, f"limit {limit}, resumed: {message!r}")
print(f"{sum(codes.values())} limits: {codes.get(0, 0)} trained, {codes.get(1, 0)} ended with a line about memory")

print("== running out of memory while files are read, at every limit")
run(["train", sonnets, "--layers", 2, "--width", 512, "--context", 64, "--batch", 1, "--steps", 1, "--run", "wide"])
run(["export", "wide", "--to", "huggingface", "exported"])
with open("prompt.txt", "wb") as prompt:
    prompt.write(pathlib.Path(sonnets).read_bytes() * 11)
readers = {
    "sample": lambda number: ["sample", "wide", "--length", 5],
    "sample --weights": lambda number: ["sample", "wide", "--length", 5, "--weights", "q8"],
    "sample --prompt-file": lambda number: ["sample", "wide", "--length", 5, "--prompt-file", "prompt.txt"],
    "train --resume": lambda number: ["train", "--resume", "wide", "--steps", 2 + number],
    "import": lambda number: ["import", "exported", "--from", "huggingface", "--run", f"imported-{number}"],
    "export": lambda number: ["export", "wide", "--to", "huggingface", f"exported-{number}"],
}
for name, arguments in readers.items():
    codes = {}
    for number, limit in enumerate(range(100_000_000, 900_000_000, 10_000_000 if is_long else 50_000_000)):
        code, message, _ = run(arguments(number), limit)
        codes[code] = codes.get(code, 0) + 1
        check(code in (0, 1), f"{name}, limit {limit}: exit code {code}, {message[:500]!r}")
        if code == 1:
            check(any("memory" in line for line in message.strip().split("\n")[-2:]), f"{name}, limit {limit}: {message[:500]!r}")
            check("***" not in message, f"{name}, limit {limit}: a crash report")
        for made in (f"imported-{number}", f"exported-{number}"):
            check(code == 0 or not pathlib.Path(made).exists(), f"{name}, limit {limit}: left {made}")
            shutil.rmtree(made, ignore_errors=True)
    check(not list(pathlib.Path().glob("*.part")), f"{name}: left a part of a folder")
    check(codes.keys() == {0, 1}, f"{name}: expected both endings, got {codes}")
    print(f"{name:22}{codes.get(0, 0):3} ended well, {codes.get(1, 0):3} with a line about memory")
code, message, _ = run(["train", "--resume", "wide", "--steps", 100])
check(code == 0, f"resumed after all limits: {message!r}")

print("== files longer than any memory")
shutil.copytree("exported", "endless-export")
shutil.copytree("wide", "endless")
header = b'{"a":{"dtype":"F32","shape":[250000000000],"data_offsets":[0,1000000000000]}}   '
for path in ["endless/checkpoint-last.safetensors", "endless/checkpoint-best.safetensors", "endless-export/model.safetensors"]:
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + 1_000_000_000_000)
for arguments in [["sample", "endless"], ["export", "endless", "--to", "huggingface", "new"], ["train", "--resume", "endless"],
                  ["import", "endless-export", "--from", "huggingface", "--run", "new"]]:
    code, message, peak = run(arguments)
    check(code == 1 and "needs 1000 GB of memory" in message, f"{arguments}: exit code {code}, {message!r}")
    check(len(message.splitlines()) <= 2 and peak < 100 and not pathlib.Path("new").exists(), f"{arguments}: {peak:.0f} MB, {message!r}")
with open("endless.txt", "wb") as prompt:
    prompt.write(b"To be " * 17_000_000)
code, message, peak = run(["sample", "wide", "--prompt-file", "endless.txt"], 400_000_000)
check(code == 65 and "is too long" in message, f"a prompt of 100 MB: exit code {code}, {message!r}")

megabytes = 300 if is_long else 60
print(f"== a text of {megabytes} MB, from a file and from a pipe")
piece = pathlib.Path(sonnets).read_bytes()
with open("large.txt", "wb") as large:
    for _ in range(megabytes * 1_000_000 // len(piece) + 1):
        large.write(piece)
tiny = ["--layers", 1, "--width", 16, "--context", 16, "--batch", 2, "--steps", 1, "--val-fraction", "0.0001"]
for source in ["large.txt", "-"]:
    with open("large.txt", "rb") as large:
        pipe = subprocess.Popen(["cat"], stdin=large, stdout=subprocess.PIPE)
        code, message, peak = run(["train", source, *tiny, "--run", f"large{source}"], standard_input=pipe.stdout)
        pipe.stdout.close()
        pipe.wait()
    print(f"{source:9} peak {peak:.0f} MB")
    check(code == 0 and peak < 45 + 1.05 * megabytes, f"{source}: exit code {code}, {peak:.0f} MB, {message!r}")
    check("reading " in message or not is_long, f"{source}: no word about reading: {message!r}")

os.chdir("/")
print(f"{checks - failures} checks passed, {failures} failed")
sys.exit(failures > 0)
