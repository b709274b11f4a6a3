#!/usr/bin/env bash
# Runs the tests under the thread sanitizer, and under the address sanitizer with kernels that check bounds and overflow.
#
# No report is suppressed; only leaks are not looked for, because XCTest leaks at exit and a thread pool keeps its memory. The
# undefined-behavior sanitizer does not exist for Swift on Linux; the checked kernels trap where Swift or C leaves the behavior
# undefined.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

check() { # SANITIZER
    swift test --sanitize="$1" --scratch-path ".build/$1-sanitizer" 2>&1 | tee "$log" | grep -E '✘|error:|Sanitizer|Test run with|Build complete' || true
    grep -q 'Test run with .* passed' "$log"
    if grep -q 'Sanitizer' "$log"; then grep -A 60 'Sanitizer' "$log" >&2; echo "the $1 sanitizer has a report" >&2; exit 1; fi
}
check thread
ASAN_OPTIONS=detect_leaks=0 TINYGPT_CHECKS=1 check address
