#!/usr/bin/env bash
# Makes every fault that can be made, thousands in the long form, and checks that nothing is lost or mixed up: kill -9, power
# loss, full disks, failing calls, several processes on one run, signals, closed streams, files that do not fit. Ends with a table,
# and with exit code 1 if anything was lost.
# Usage: scripts/check-faults.sh [--long] [--program PATH] [--seed N] [--only CHECK]; CHECK is kills, calls, power, disks,
# outputs, concurrency, signals or inputs. With --program, another build of the program is put to the test.
set -euo pipefail
arguments=() program=""
while [ $# -gt 0 ]; do
    case $1 in
    --program) program=$(realpath "$2"); shift 2 ;;
    *) arguments+=("$1"); shift ;;
    esac
done
cd "$(dirname "$0")/.."

if [ "$(uname)" != Linux ]; then
    echo "skipped: the faults are made by a library that Linux loads before the program, and there is no such thing here"
    exit 0
fi
if ! command -v python3 > /dev/null; then
    if ! { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3 > /dev/null; }; then
        echo "skipped: there is no python3 and it cannot be installed here, so no faults are made"
        exit 0
    fi
fi
if [ -z "$program" ]; then
    swift build -c release
    program=$PWD/.build/release/tinygpt
fi
library=$(mktemp)
trap 'rm -f "$library"' EXIT
compiler=$(command -v clang || command -v cc) || { echo "there is no C compiler; Swift's toolchain has clang" >&2; exit 1; }
"$compiler" -O1 -Wall -Wextra -Werror -shared -fPIC -o "$library" scripts/faults/fail_calls.c -ldl
python3 scripts/check_faults.py --program "$program" --preload "$library" "${arguments[@]}"
