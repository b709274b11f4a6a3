#!/usr/bin/env bash
# Measures what watching a training costs, whether its plan comes true, and how long a large text takes to start; prints tables.
# Takes eleven minutes on two quiet cores; the first needs perf (Debian: linux-perf).
set -euo pipefail
cd "$(dirname "$0")/.."

[ -e data/tinyshakespeare.txt ] || scripts/fetch-tinyshakespeare.sh
swift build -c release
exec python3 scripts/measure_watching.py
