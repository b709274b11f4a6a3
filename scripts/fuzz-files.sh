#!/usr/bin/env bash
# Damages every file that the program reads and runs every command that reads it: 45 seconds of it, or 20,000 runs with --long.
# --runs N, --seed N, --only N (the run of that number) and --program PATH are the other options.
set -euo pipefail
arguments=() program=""
while [ $# -gt 0 ]; do
    case $1 in
    --program) program=$(realpath "$2"); shift 2 ;;
    *) arguments+=("$1"); shift ;;
    esac
done
cd "$(dirname "$0")/.."

if [ -z "$program" ]; then
    swift build -c release --quiet
    program=$(swift build -c release --show-bin-path)/tinygpt
fi
exec python3 scripts/fuzz_files.py --program "$program" ${arguments[@]+"${arguments[@]}"}
