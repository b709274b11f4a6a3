#!/usr/bin/env bash
# Checks with the real TensorBoard package that it reads the event files of `tinygpt train --tensorboard`. Needs a release build,
# python3 and the package index.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/python-environment.sh
need_python tensorboard
"$python" -W ignore scripts/check_events.py
