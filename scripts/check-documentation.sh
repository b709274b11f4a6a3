#!/usr/bin/env bash
# Makes the documentation of the library, without a warning, and opens its articles and a few symbols in a real browser.
# Usage: scripts/check-documentation.sh [FOLDER for screenshots]
set -euo pipefail
cd "$(dirname "$0")/.."
site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
scripts/build-documentation.sh "$site"
. scripts/browser-environment.sh
"$python" scripts/check_documentation.py "$site" "$@"
