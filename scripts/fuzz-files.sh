#!/usr/bin/env bash
# Damages every file that the program reads and runs every command that reads it: 45 seconds of it, or 20,000 runs with --long.
# --runs N, --seed N, --only N (the run of that number) and --program PATH (seen from the
# repository's root) are the other options.
set -euo pipefail
cd "$(dirname "$0")/.."

case " $* " in *" --program "*) program=() ;; *)
    swift build -c release --quiet
    program=(--program "$(swift build -c release --show-bin-path)/tinygpt") ;;
esac
exec python3 scripts/fuzz_files.py ${program[@]+"${program[@]}"} "$@"
