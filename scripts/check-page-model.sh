#!/usr/bin/env bash
# Runs the model of the explorer's page in a real browser, without a network, and holds its numbers against the program's: weights,
# probabilities, losses, sampled texts, ablations. Usage: scripts/check-page-model.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/browser-environment.sh
swift build -c release --product tinygpt
exec "$python" scripts/check_page_model.py "$@"
