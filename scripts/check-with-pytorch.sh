#!/usr/bin/env bash
# Trains small models, exports them for plain PyTorch and for nanoGPT, and compares every number that comes out there; nanoGPT's own
# sample.py writes text. nanoGPT is read from ../shared/peers/nanoGPT or $NANOGPT; without it, or without the package index, the script
# says so and checks the rest, or nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
if ! { "$python" -c 'import torch, safetensors, tiktoken' 2> /dev/null \
    || { need_torch && need_python numpy safetensors tiktoken; }; }; then
    echo "skipped: python3, its venv module or the package index is not there, so PyTorch cannot check the export"
    exit 0
fi
swift build -c release --product tinygpt
exec "$python" -B scripts/check_with_pytorch.py "${NANOGPT:-../shared/peers/nanoGPT}"
