#!/usr/bin/env bash
# Checks that data/shakespeare.txt holds 154 sonnets with one blank line between them: the 99th of 15 lines, the 126th of
# 12, all others of 14.
set -euo pipefail
cd "$(dirname "$0")/.."

awk '
    BEGIN { RS = ""; FS = "\n" }
    {
        expected = NR == 99 ? 15 : NR == 126 ? 12 : 14
        if (NF != expected) { printf "sonnet %d has %d lines, expected %d\n", NR, NF, expected; bad = 1 }
    }
    END {
        if (NR != 154) { printf "%d sonnets, expected 154\n", NR; bad = 1 }
        exit bad
    }' data/shakespeare.txt

# Not with grep -P: a grep without it would find nothing, and this check could not fail.
if ! LC_ALL=C awk '/[^ -~]/ || / $/ { print NR ": " $0; bad = 1 } END { exit bad }' data/shakespeare.txt; then
    echo "a character that is not printable ASCII, or a blank at the end of a line" >&2
    exit 1
fi
if awk 'blank && !NF { exit 1 } { blank = !NF }' data/shakespeare.txt; then
    echo "data/shakespeare.txt: 154 sonnets, all lines there"
else
    echo "two blank lines in a row" >&2
    exit 1
fi
