#!/usr/bin/env bash
# Measures the loss on the whole validation split after given times of training, for the presets and for nanoGPT's CPU recipe in
# PyTorch on the same cores in the same hour; prints a table and draws an SVG, as in the README.
# Usage: scripts/measure-learning.sh [--seconds 15,60,300] [--seeds N] [--svg FILE] [--text FILE]
set -euo pipefail
cd "$(dirname "$0")/.."

python=.build-python/bin/python
if [ ! -x "$python" ]; then
    python3 -m venv .build-python
    "$python" -m pip install --quiet numpy "torch==2.13.0+cpu" || "$python" -m pip install --quiet numpy torch
fi
case " $* " in
    *" --text "*) ;;
    *) [ -e data/tinyshakespeare.txt ] || scripts/fetch-tinyshakespeare.sh ;;
esac
swift build -c release
exec "$python" scripts/measure_learning.py "$@"
