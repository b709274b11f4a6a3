#!/usr/bin/env bash
# Checks what the program does with memory: its estimates against measured peaks, running out at every limit, large texts.
#
#   scripts/check-memory.sh [--long]    --long: more sizes, more limits, and a text of 300 MB
set -euo pipefail
cd "$(dirname "$0")/.."
swift build -c release > /dev/null
exec python3 scripts/check_memory.py .build/release/tinygpt "$@"
