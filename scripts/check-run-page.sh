#!/usr/bin/env bash
# Opens the page of a run and the comparison of two in a real browser, without a network, uses them, and compares what they show
# with metrics.csv and samples.txt. Usage: scripts/check-run-page.sh [FOLDER for screenshots]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/browser-environment.sh
swift build -c release
exec "$python" scripts/check_run_page.py "$@"
