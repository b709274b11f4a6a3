#!/usr/bin/env bash
# Removes what scripts/install.sh has installed below PREFIX, and nothing else. Runs of trainings stay where they are.
# Usage: scripts/uninstall.sh [PREFIX]; PREFIX is ~/.local unless it is named.
set -euo pipefail

case ${1:-} in -*) echo "usage: scripts/uninstall.sh [PREFIX]" >&2; exit 64 ;; esac
[ $# -le 1 ] || { echo "uninstall.sh: expected one PREFIX, got $# arguments" >&2; exit 64; }
prefix=${1:-$HOME/.local}
list=$prefix/share/tinygpt/installed

if [ ! -e "$list" ]; then
    echo "uninstall.sh: nothing was installed below $prefix: there is no $list" >&2
    exit 66
fi
entries=$(cat "$list")
while IFS= read -r entry; do
    folder=$(dirname "$prefix/$entry")
    if [ -e "$prefix/$entry" ] && [ ! -w "$folder" ]; then
        echo "uninstall.sh: cannot remove $prefix/$entry: $folder cannot be written to" >&2
        exit 73
    fi
done <<< "$entries"
while IFS= read -r entry; do
    case $entry in
    */) rmdir "$prefix/$entry" 2> /dev/null || true ;; # Others have put something there.
    *) rm -f "$prefix/$entry" ;;
    esac
done <<< "$entries"
echo "removed from $prefix:"
grep -v '/$' <<< "$entries" | sed 's/^/  /'
