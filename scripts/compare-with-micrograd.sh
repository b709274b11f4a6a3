#!/usr/bin/env bash
# Trains the network of the lesson `moons` (2-16-16-1, 100 points, 100 steps) in it and in micrograd, in turns, and prints how many
# times as fast the lesson is; fails below 100 times. micrograd, which takes minutes, comes from the package index into
# .build-python.
# Usage: scripts/compare-with-micrograd.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
need_python micrograd
swift build -c release --product lessons
exec "$python" scripts/compare_with_micrograd.py "${1:-1}"
