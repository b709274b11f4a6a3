#!/usr/bin/env bash
# Builds tinygpt for this computer and installs it with its manual page and the completions of bash, zsh and fish.
# Usage: scripts/install.sh [PREFIX]; PREFIX is ~/.local unless it is named. scripts/uninstall.sh [PREFIX] undoes it.
set -euo pipefail

case ${1:-} in -*) echo "usage: scripts/install.sh [PREFIX]" >&2; exit 64 ;; esac
[ $# -le 1 ] || { echo "install.sh: expected one PREFIX, got $# arguments" >&2; exit 64; }
prefix=${1:-$HOME/.local}
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
cd "$(dirname "$0")/.."
. scripts/installed-files.sh
# What was installed, for uninstall.sh: files, and the folders that were made for them, the deepest first.
list=share/tinygpt/installed

fail() { printf 'install.sh: %s\n' "$1" >&2; exit 73; }

# Everything that can go wrong below PREFIX is found before the build, which takes minutes.
folders=$(sed -n '/\/$/p' "$prefix/$list" 2> /dev/null || true)
for file in "${files[@]}" "$list"; do
    if [ -e "$prefix/$file" ] && ! grep -qxF "$file" "$prefix/$list" 2> /dev/null; then
        fail "$prefix/$file exists and is not from here; move it away or choose another PREFIX"
    fi
    folder=$(dirname "$file")
    while [ "$folder" != . ] && [ ! -e "$prefix/$folder" ]; do
        folders+=$'\n'$folder/
        folder=$(dirname "$folder")
    done
    folder=$prefix/$folder
    while [ ! -e "$folder" ]; do folder=$(dirname "$folder"); done
    [ -d "$folder" ] || fail "cannot install below $prefix: ${folder%/.} is not a folder"
    [ -w "$folder" ] || fail "cannot install below $prefix: ${folder%/.} cannot be written to; choose another PREFIX"
done

# With Swift's runtime inside, so that the program stays when the compiler goes. On macOS it is part of the system.
options=(-c release --product tinygpt)
if [ "$(uname)" = Linux ]; then options+=(--scratch-path .build-install --static-swift-stdlib); fi
swift build "${options[@]}"
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
make_files "$(swift build "${options[@]}" --show-bin-path)/tinygpt" "$parts"

# The list first, so that an installation that is interrupted can be undone, too.
mkdir -p "$(dirname "$parts/$list")" "$(dirname "$prefix/$list")"
{ printf '%s\n' "${files[@]}" "$list"; sed '/^$/d' <<< "$folders" | sort -ru; } > "$parts/$list"
for file in "$list" "${files[@]}"; do
    mkdir -p "$(dirname "$prefix/$file")"
    # Beside its place and then renamed, because a program that runs cannot be written to.
    cp -p "$parts/$file" "$prefix/$file.part"
    mv -f "$prefix/$file.part" "$prefix/$file"
done

echo "installed below $prefix:"
printf '  %s\n' "${files[@]}"
case ":$PATH:" in
*":$prefix/bin:"*) echo "next: tinygpt train" ;;
*) echo "next: add $prefix/bin to your PATH, then: tinygpt train" ;;
esac
case $prefix in
/usr | /usr/local) ;;
*) echo "zsh completes it with this line before compinit in ~/.zshrc: fpath+=($prefix/share/zsh/site-functions)" ;;
esac
printf 'to undo it: scripts/uninstall.sh %q\n' "$prefix"
