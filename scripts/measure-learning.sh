#!/usr/bin/env bash
# Measures the loss on the whole validation split after given times of training, for presets, which make no more steps than they
# do by themselves, and for nanoGPT's recipes in PyTorch on the same cores in the same sitting; prints a table and draws the
# README's picture. Each run that ends is a row of a file, so Ctrl-C loses only the current one, and the same command goes on.
# Usage: scripts/measure-learning.sh [--presets cpu,fast] [--seconds 15,60,300] [--seeds N,N,N] [--results FILE] [--svg FILE]
#        [--text FILE] [--parts]
# With several seeds, mean and standard deviation. With --parts, only what each part of the recipes gives. In six hours:
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
