#!/usr/bin/env bash
# Trains in a pseudo-terminal and checks what a terminal emulator (pyte) then shows: the live board, the log above it, a window
# that is resized, Ctrl-C, Ctrl-Z, a crash, and the lines of --plain and of a pipe.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
if ! { "$python" -c 'import pyte' 2> /dev/null || need_python pyte; }; then
    echo "skipped: python3, its venv module or the package index is not there, so nothing draws the board"
    exit 0
fi
swift build -c release
exec "$python" scripts/check_board.py
