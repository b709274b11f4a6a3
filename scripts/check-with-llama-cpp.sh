#!/usr/bin/env bash
# Trains small models, exports them as GGUF, and lets llama.cpp itself run them: its texts and every probability are compared with
# tinygpt's. The PyPI package xllamacpp has llama.cpp's server in it. Without the package index it says so and checks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
if ! { "$python" -c 'import gguf, xllamacpp' 2> /dev/null || need_python numpy gguf xllamacpp; }; then
    echo "skipped: python3, its venv module or the package index is not there, so llama.cpp cannot check the export"
    exit 0
fi
swift build -c release --product tinygpt
exec "$python" scripts/check_with_llama_cpp.py
