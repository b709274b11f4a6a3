#!/usr/bin/env bash
# Installs the program below a home folder of its own, presses tab in bash, zsh and fish, has mandoc and man read the manual
# pages, measures how long a completion takes, and removes everything again. The build itself is that of this folder.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=
for program in bash zsh fish mandoc man; do command -v $program > /dev/null || missing+=" $program"; done
[ -e /usr/share/bash-completion/bash_completion ] || missing+=" bash-completion"
if [ -n "$missing" ]; then
    if ! { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq bash-completion zsh fish mandoc man-db > /dev/null; }; then
        echo "skipped:$missing not there and cannot be installed here, so nothing completes"
        exit 0
    fi
fi
. scripts/python-environment.sh
if ! { "$python" -c 'import pyte' 2> /dev/null || need_python pyte; }; then
    echo "skipped: python3, its venv module or the package index is not there, so nothing presses tab"
    exit 0
fi
swift build -c release
exec "$python" scripts/check_shell.py .build/release
