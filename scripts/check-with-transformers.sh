#!/usr/bin/env bash
# Trains two small models, exports them, and lets Hugging Face's transformers and PyTorch check every number that comes out.
# Makes a virtual environment in .build-python the first time; without the package index it says so and checks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
if ! { "$python" -c 'import torch, transformers, safetensors' 2> /dev/null \
    || { need_torch && need_python numpy safetensors transformers; }; }; then
    echo "skipped: python3, its venv module or the package index is not there, so transformers cannot check the export"
    exit 0
fi
swift build -c release
exec "$python" -B scripts/check_with_transformers.py
