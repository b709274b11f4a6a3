#!/usr/bin/env bash
# Measures the loss on the whole validation split after given times of training, for the presets and for nanoGPT's CPU recipe in
# PyTorch on the same cores in the same hour, and what each part of the recipes gives; prints the README's tables and draws its
# picture.
# Usage: scripts/measure-learning.sh [--seconds 15,60,300] [--seeds N] [--svg FILE] [--text FILE] [--parts]
# With --parts, only the second table.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
need_torch
case " $* " in
    *" --text "*) ;;
    *) [ -e data/tinyshakespeare.txt ] || scripts/fetch-tinyshakespeare.sh ;;
esac
swift build -c release
exec "$python" scripts/measure_learning.py "$@"
