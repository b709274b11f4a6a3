#!/usr/bin/env bash
# Lets the lesson `digits` learn from files like MNIST's, made of scikit-learn's digits, and shows it damaged ones.
# Makes a virtual environment in .build-python the first time; without the package index it says so and checks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
if ! { "$python" -c 'import numpy, sklearn' 2> /dev/null || need_python numpy scikit-learn; }; then
    echo "skipped: python3, its venv module or the package index is not there, so there are no digits for 'lessons digits --mnist'"
    exit 0
fi
swift build -c release --product lessons --quiet
lessons=$(swift build -c release --show-bin-path)/lessons
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" scripts/make_digits_idx.py "$folder/digits"

"$lessons" digits --mnist "$folder/digits/good" | grep -E '^(Epoch|percent right after)'
for bad in "$folder"/digits/*/expected; do
    name=$(basename "$(dirname "$bad")")
    code=0
    "$lessons" digits --mnist "$(dirname "$bad")" > "$folder/output" 2> "$folder/error" || code=$?
    if { [ "$code" -ne 65 ] && [ "$code" -ne 66 ]; } || [ -s "$folder/output" ] || ! grep -qF "$(cat "$bad")" "$folder/error"; then
        echo "digits '$name': exit code $code, expected 65 or 66 and '$(cat "$bad")', got: $(cat "$folder/error")" >&2
        exit 1
    fi
done
echo "digits like MNIST's are learned, and damaged files are refused"
