#!/usr/bin/env bash
# Runs every lesson: its results are right, it takes less than 30 seconds, its drawing is well-formed, and the outputs that
# Sources/Lessons/README.md quotes are what it prints. Then what a lesson must refuse.
# Usage: scripts/check-lessons.sh [LESSON...]
set -euo pipefail
cd "$(dirname "$0")/.."

swift build -c release --product lessons
exec python3 scripts/check_lessons.py "$@"
