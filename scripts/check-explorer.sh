#!/usr/bin/env bash
# Opens the attention explorer in a real browser, without a network, uses it, and compares what it shows with the weights as
# 'tinygpt attention --json' gives them. Installs Chromium from Debian's packages where it may; without it, says so and
# checks nothing. Usage: scripts/check-explorer.sh [FOLDER for screenshots]
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v chromedriver > /dev/null; then
    if ! { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium chromium-driver > /dev/null; }; then
        echo "skipped: there is no chromedriver and it cannot be installed here, so no browser looks at the explorer"
        exit 0
    fi
fi
. scripts/python-environment.sh
if ! { "$python" -c 'import selenium' 2> /dev/null || need_python selenium; }; then
    echo "skipped: python3, its venv module or the package index is not there, so nothing drives the browser"
    exit 0
fi
swift build -c release
exec "$python" scripts/check_explorer.py "$@"
