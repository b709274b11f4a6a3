#!/usr/bin/env bash
# Runs `tinygpt bench` and the same work in PyTorch alternately, several times, and prints the table of ratios that the README
# shows. Makes a virtual environment in .build-python the first time; needs python3 and the package index for that.
# Usage: scripts/compare-with-pytorch.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."

python=.build-python/bin/python
if [ ! -x "$python" ]; then
    python3 -m venv .build-python
    "$python" -m pip install --quiet numpy "torch==2.13.0+cpu" || "$python" -m pip install --quiet numpy torch
fi
swift build -c release
exec "$python" scripts/compare_with_pytorch.py "${1:-3}"
