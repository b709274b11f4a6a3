#!/usr/bin/env bash
# Packs tinygpt-VERSION-linux-x86_64.tar.gz: one static program for every x86-64 CPU since 2013, with its manual page and the
# completions, to be unpacked into a prefix such as ~/.local. It holds the program three times, compiled for x86-64-v2, -v3 (AVX2)
# and -v4 (AVX-512), and runs the newest that the CPU can. Takes the time of three release builds.
# Usage: scripts/package.sh [FOLDER for the archive, .build-package unless it is named]
set -euo pipefail
folder=${1:-}
case $folder in -*) echo "usage: scripts/package.sh [FOLDER]" >&2; exit 64 ;; '' | /*) ;; *) folder=$PWD/$folder ;; esac
cd "$(dirname "$0")/.."
. scripts/package/join.sh
. scripts/installed-files.sh

[ "$(uname -sm)" = "Linux x86_64" ] || { echo "package.sh: this is $(uname -sm), expected Linux x86_64" >&2; exit 1; }
work=$PWD/.build-package
folder=${folder:-$work}
mkdir -p "$work"
[ -d "$folder" ] && [ -w "$folder" ] || { echo "package.sh: $folder is not a folder that can be written to" >&2; exit 73; }

# The tables of Unicode that Foundation brings, half of the static program, are in the file once: each program is linked to where
# they will be, instead of to the library that has them.
library=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")/lib/swift_static/linux/lib_FoundationICU.a
read -r member tables < <(nm -A "$library" 2> /dev/null | sed -nE 's/.*:([^:]*):0+ R (icudt[0-9]+_dat)$/\1 \2/p') || true
[ -n "${tables:-}" ] || { echo "package.sh: no tables of Unicode in $library" >&2; exit 1; }
(cd "$work" && ar x "$library" "$member" && objcopy -O binary --only-section=.rodata "$member" unicode && rm "$member")

programs=()
for level in x86-64-v2 x86-64-v3 x86-64-v4; do
    options=(
        -c release --product tinygpt --scratch-path "$work/$level" --static-swift-stdlib -Xswiftc -static-executable
        -Xswiftc -use-ld=lld -Xlinker "--image-base=$(base $level)" -Xlinker "--defsym=$tables=$(base shared)" -Xlinker -s
    )
    echo "== $level"
    TINYGPT_CPU=$level swift build "${options[@]}"
    programs+=("$level=$(TINYGPT_CPU=$level swift build "${options[@]}" --show-bin-path)/tinygpt")
done
join "$work/tinygpt" "$work" "$work/unicode" "${programs[@]}"

version=$("$work/tinygpt" --version)
name=tinygpt-${version#tinygpt }-linux-x86_64
rm -rf "${work:?}/$name"
make_files "$work/tinygpt" "$work/$name"
mkdir -p "$work/$name/share/doc/tinygpt"
cp LICENSE README.md "$work/$name/share/doc/tinygpt/"
# The same bytes for the same sources: no names, times or order of this computer.
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct 2> /dev/null || echo 0)" -cf - "$name" \
    | gzip -9n > "$folder/$name.tar.gz.part"
mv "$folder/$name.tar.gz.part" "$folder/$name.tar.gz"
echo "$folder/$name.tar.gz: $(($(stat -c %s "$folder/$name.tar.gz") >> 20)) MB, the program $(($(stat -c %s "$work/tinygpt") >> 20)) MB"
echo "to install it: tar -xzf $name.tar.gz -C ~/.local --strip-components=1"
