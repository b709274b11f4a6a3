#!/usr/bin/env bash
# Opens the attention explorer in a real browser, without a network, uses it, and compares what it shows with the weights as
# 'tinygpt attention --json' gives them. Usage: scripts/check-explorer.sh [FOLDER for screenshots]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/browser-environment.sh
swift build -c release
exec "$python" scripts/check_explorer.py "$@"
