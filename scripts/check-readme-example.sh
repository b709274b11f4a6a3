#!/usr/bin/env bash
# Compiles and runs the Swift programs that the README shows, each as the main file of a package that depends on this one, as a
# user's would, and holds what they print against what the README says they print: the block without a language, `text` or
# `console`, that follows a program before the next heading, unless it begins with a command ("$ "). Words must be the same,
# numbers with a fraction may differ by 1 in 1000, because CPUs of different register widths round sums differently.
# Downloads nothing; removes the package and what was built for it. Usage: scripts/check-readme-example.sh [MARKDOWN FILE]
set -euo pipefail
cd "$(dirname "$0")/.."

repository=$PWD
readme=${1:-README.md}
package=$(mktemp -d)
trap 'rm -rf "$package"' EXIT
limit=$(command -v timeout || true)

# Program N becomes N.swift, what it should print N.expected.
awk -v folder="$package" '
    /^```/ && !fence {
        fence = 1
        language = substr($0, 4)
        file = ""
        if (language == "swift") { file = folder "/" ++count ".swift"; isOpen = 1 }
        else if (isOpen && language ~ /^(text|console)?$/) { file = folder "/" count ".expected"; isOpen = 0 }
        else isOpen = 0
        next
    }
    /^```/ { fence = 0; next }
    /^#/ && !fence { isOpen = 0 }
    fence && file && !lines[file]++ && /^\$ / { file = "" }
    fence && file { print > file }' "$readme"

programs=$(find "$package" -name '*.swift' | wc -l)
[ "$programs" -gt 0 ] || { echo "FAILED: $readme shows no Swift program" >&2; exit 1; }

{
    cat <<END
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "ReadmeExample",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "TinyGPT", path: "$repository")],
    targets: [
END
    for ((n = 1; n <= programs; n++)); do
        mkdir -p "$package/Sources/Example$n"
        mv "$package/$n.swift" "$package/Sources/Example$n/main.swift"
        echo "        .executableTarget(name: \"Example$n\", dependencies: [.product(name: \"TinyGPT\", package: \"TinyGPT\")]),"
    done
    echo "    ])"
} > "$package/Package.swift"

if ! swift build --package-path "$package" > "$package/log" 2>&1; then
    cat "$package/log" >&2
    echo "FAILED: the Swift program in $readme does not compile" >&2
    exit 1
fi
if grep "Sources/Example.* warning:" "$package/log" >&2; then
    echo "FAILED: the Swift program in $readme compiles with a warning" >&2
    exit 1
fi

for ((n = 1; n <= programs; n++)); do
    if ! ${limit:+"$limit" 300} "$package/.build/debug/Example$n" > "$package/$n.printed" 2> "$package/$n.errors"; then
        cat "$package/$n.errors" >&2
        echo "FAILED: program $n in $readme did not run to its end" >&2
        exit 1
    fi
    [ -e "$package/$n.expected" ] || continue
    awk '
        function close_enough(a, b) {
            if (a == b) return 1
            if (a !~ number || b !~ number) return 0
            difference = a - b
            limit = (a < 0 ? -a : a) / 1000
            return difference <= limit && -difference <= limit
        }
        BEGIN { number = "^[-+(\\[]*[0-9]+\\.[0-9]+(e[-+]?[0-9]+)?[])%,;:]*$" }
        NR == FNR { expected[NR] = $0; lines = NR; next }
        {
            fields = split(expected[FNR], wanted)
            same = fields == NF
            for (i = 1; i <= NF; i++) if (!close_enough($i, wanted[i])) same = 0
            if (!same) { printf "line %d: expected %s\n%*sgot %s\n", FNR, expected[FNR], 5 + length(FNR), "", $0; bad = 1 }
        }
        END { if (FNR != lines) { printf "%d lines printed, expected %d\n", FNR, lines; bad = 1 }; exit bad }
    ' "$package/$n.expected" "$package/$n.printed" >&2 ||
        { echo "FAILED: program $n in $readme prints something else than the README says" >&2; exit 1; }
done
echo "$readme: $programs Swift program(s) compiled and run, $(find "$package" -maxdepth 1 -name '*.expected' | wc -l) compared with what they print"
