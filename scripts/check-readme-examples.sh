#!/usr/bin/env bash
# Compiles and runs every Swift program of the README and of the documentation's articles exactly as it stands there, against this
# checkout, and compares what it prints with the console block below it: words exactly, numbers to one part in a thousand, since
# another instruction set rounds differently and training adds that up. No program prints a number that is only rounding.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$work" "$repository" README.md Sources/TinyGPT/Documentation.docc/*.md <<'PY'
import pathlib, re, sys
work, repository, texts = pathlib.Path(sys.argv[1]), sys.argv[2], {path: pathlib.Path(path).read_text() for path in sys.argv[3:]}
pairs = []
for path, text in texts.items():
    found = re.findall(r"```swift\n(.*?)```\n+```console\n(.*?)```", text, re.S)
    blocks = re.findall(r"```swift\n", text)
    assert len(found) == len(blocks), f"{path}: {len(blocks)} Swift programs, {len(found)} of them with an output below"
    pairs += found
assert len(pairs) > 2, "no programs"
targets = []
for number, (program, output) in enumerate(pairs):
    folder = work / "Sources" / f"example{number}"
    folder.mkdir(parents=True)
    (folder / "main.swift").write_text(program)
    (work / f"expected{number}").write_text(output)
    targets.append(f'.executableTarget(name: "example{number}", dependencies: [.product(name: "TinyGPT", package: "TinyGPT")])')
(work / "Package.swift").write_text(f"""// swift-tools-version: 6.2
import PackageDescription
let package = Package(
    name: "Examples", platforms: [.macOS(.v26)], dependencies: [.package(name: "TinyGPT", path: "{repository}")],
    targets: [{", ".join(targets)}])
""")
PY

cd "$work"
swift build 2>&1 | tee build.log | grep -E "error|warning: (var|imm|unused)|Build complete" || { cat build.log >&2; exit 1; }
for expected in expected*; do
    number=${expected#expected}
    ".build/debug/example$number" > "output$number"
    python3 - "$expected" "output$number" <<'PY'
import re, sys
expected, output = (open(path).read().split() for path in sys.argv[1:])
def number(word):
    return float(word) if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", word) else None
def parts(words):
    return [part for word in words for part in re.split(r"([\[\](),:])", word) if part]
expected, output = parts(expected), parts(output)
same = len(expected) == len(output) and all(
    a == b if number(a) is None or number(b) is None else abs(number(a) - number(b)) <= 1e-3 * abs(number(a))
    for a, b in zip(expected, output))
assert same, f"the text shows {' '.join(expected)}, the program prints {' '.join(output)}"
PY
    echo "example $number prints what the text shows"
done
