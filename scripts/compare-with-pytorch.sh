#!/usr/bin/env bash
# Runs `tinygpt bench` and the same work in PyTorch alternately, several times, and prints the table of ratios that the README
# shows. Makes a virtual environment in .build-python the first time; needs python3 and the package index for that.
# Usage: [TINYGPT_CPU=x86-64-v3] scripts/compare-with-pytorch.sh [ROUNDS]; with the variable, for AVX2, on any newer CPU, too.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
need_torch
need_python numpy
swift build -c release
exec "$python" scripts/compare_with_pytorch.py "${1:-3}"
