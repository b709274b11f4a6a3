#!/usr/bin/env bash
# Measures the loss on the whole validation split after given times of training, for presets and for nanoGPT's recipes in PyTorch
# on the same cores in the same hour, and what each part of the recipes gives; prints the README's tables and draws its picture.
# Usage: scripts/measure-learning.sh [--presets cpu,fast] [--seconds 15,60,300] [--seeds N,N,N] [--svg FILE] [--text FILE]
#        [--parts]
# With several seeds, mean and standard deviation; with --parts, only the second table. In a day:
#   scripts/measure-learning.sh --presets cpu,fast,best,baby --seconds 15,60,300,900,3600 --seeds 5,5,5,3,1
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
