#!/usr/bin/env bash
# Runs the model of the explorer's page in Chromium and Firefox, without a network, and holds its numbers against the program's: weights,
# probabilities, losses, sampled texts, ablations. Usage: scripts/check-page-model.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/browser-environment.sh
if ! command -v firefox-esr firefox > /dev/null && [ "$(id -u)" = 0 ]; then
    { apt-get update -qq && apt-get install -y -qq firefox-esr > /dev/null 2>&1; } || true
fi
swift build -c release --product tinygpt
exec "$python" scripts/check_page_model.py "$@"
