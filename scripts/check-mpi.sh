#!/usr/bin/env bash
# Trains with several processes under the real Open MPI and MPICH, on one machine: the same bits as one process, runs that go from
# one to several and back, processes that do not fit together, that die, that are stopped, a full disk, a library that is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/mpi-environment.sh
swift build -c release > /dev/null
exec python3 scripts/check_mpi.py .build/release/tinygpt
