"""Runs the program under limits of its address space and compares what it needs with what it said; see check-memory.sh."""
import os, pathlib, re, resource, subprocess, sys, tempfile

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
         ["--architecture", "modern", "--batch", 128]]
if is_long:
    sizes += [["--context", 256, "--batch", 32],
              ["--layers", 1, "--context", 256, "--width", 512, "--batch", 16], ["--context", 1024, "--width", 64, "--batch", 8],
              ["--preset", "baby", "--batch", 8], ["--preset", "baby", "--batch", 16],
              ["--preset", "baby", "--batch", 16, "--tied", "--bias", "--dropout", 0],
              ["--context", 4096, "--width", 64, "--layers", 2, "--batch", 1],
              ["--architecture", "modern", "--layers", 8, "--batch", 64],
              ["--architecture", "modern", "--preset", "baby", "--batch", 16]]
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
        print(f"{' '.join(map(str, size)):55} estimated {needed:4} MB, measured {peak:4.0f} MB, {needed / peak - 1:+.0%}")
        check(0.9 < needed / peak < 1.1, f"{size}: estimated {needed} MB, measured {peak:.0f}")

print("== the end of memory, at every limit")
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
    check(code == 0 and peak < 50 + 1.2 * megabytes, f"{source}: exit code {code}, {peak:.0f} MB, {message!r}")
    check("reading " in message or not is_long, f"{source}: no word about reading: {message!r}")

os.chdir("/")
print(f"{checks - failures} checks passed, {failures} failed")
sys.exit(failures > 0)
