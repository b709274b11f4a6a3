#!/usr/bin/env bash
# Measures what several processes cost: two of one thread beside one of two threads, and two in network namespaces of their own,
# joined by a link whose speed is limited. Computes from that how efficient 2 to 64 machines are. Needs root and Linux.
#
#   scripts/measure-mpi.sh [ROUNDS]    default 5; a round takes about a minute
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/mpi-environment.sh
swift build -c release > /dev/null
exec python3 scripts/measure_mpi.py .build/release/tinygpt "${1:-5}"
