#!/usr/bin/env bash
# Opens the explorer in a real browser, without a network, types, switches parts off, and compares what it shows with what the
# program prints. Usage: scripts/check-explorer.sh [FOLDER for screenshots]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/browser-environment.sh
"$python" -c 'import axe_selenium_python' 2> /dev/null || need_python axe-selenium-python || true
swift build -c release --product tinygpt
exec "$python" scripts/check_explorer.py "$@"
