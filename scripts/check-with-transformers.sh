#!/usr/bin/env bash
# Trains two small models, exports them, and lets Hugging Face's transformers and PyTorch check every number that comes out.
# Makes a virtual environment in .build-python the first time; without the package index it says so and checks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

python=.build-python/bin/python
if ! "$python" -c 'import torch, transformers, safetensors' 2> /dev/null; then
    if ! { python3 -m venv .build-python && "$python" -m pip install --quiet --retries 1 numpy safetensors transformers \
        && { "$python" -m pip install --quiet --retries 1 "torch==2.13.0+cpu" || "$python" -m pip install --quiet torch; }; }; then
        echo "skipped: python3, its venv module or the package index is not there, so transformers cannot check the export"
        exit 0
    fi
fi
swift build -c release
exec "$python" scripts/check_with_transformers.py
