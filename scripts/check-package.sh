#!/usr/bin/env bash
# Packs small programs as package.sh packs tinygpt, and checks that each finds itself as the kernel would have started it, which one
# runs, and the errors. With --long: makes the real package, takes minutes, and checks it in an empty folder as its root: the same
# bits as a build for one CPU alone, its start, and its speed beside that build's.
# Usage: scripts/check-package.sh [--long]
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "skipped: this is $(uname -sm), and the package is for Linux x86_64"; exit 0; }
. scripts/package/join.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
levels=(x86-64-v2 x86-64-v3 x86-64-v4)
fail() { echo "check-package.sh: $*" >&2; exit 1; }

printf 'of all three\0' > "$work/shared"
mkdir "$work/system"
programs=()
for level in "${levels[@]}"; do
    clang -O2 -static -DLEVEL="\"$level\"" scripts/package/probe.c -fuse-ld=lld -Wl,--image-base="$(base $level)" \
        -Wl,--defsym=shared="$(base shared)" -o "$work/$level"
    programs+=("$level=$work/$level")
done
join "$work/all" "$work" "$work/shared" "${programs[@]}"
newest=none
for level in "${levels[@]}"; do
    code=0
    said=$(cd / && TINYGPT_CPU=$level "$work/all" "two words" 2> "$work/err") || code=$?
    if [ $code = 1 ]; then
        grep -q "^tinygpt: TINYGPT_CPU is $level, but this CPU has $newest at most$" "$work/err" || fail "$level: $(cat "$work/err")"
        continue
    fi
    [ $code = 7 ] || fail "$level ends with $code: $(cat "$work/err")"
    [ "$said" = "$level 1 7 6 3 two words $work/all of all three" ] || fail "$level says '$said'"
    newest=$level
done
# What the kernel says of the CPU.
expected=x86-64-v2
has() { local flag; for flag in "$@"; do grep -qw "$flag" /proc/cpuinfo || return 1; done; }
if has avx2 bmi1 bmi2 f16c fma abm movbe; then expected=x86-64-v3; fi
if [ $expected = x86-64-v3 ] && has avx512f avx512bw avx512cd avx512dq avx512vl; then expected=x86-64-v4; fi
[ "$newest" = $expected ] || fail "the newest that runs is $newest, expected $expected"
[ "$(env -u TINYGPT_CPU "$work/all" | cut -d' ' -f1)" = "$newest" ] || fail "not the newest, $newest, is chosen"
[ "$(TINYGPT_CPU=native "$work/all" | cut -d' ' -f1)" = "$newest" ] || fail "native is not the newest, $newest"
code=0
TINYGPT_CPU=newest "$work/all" 2> "$work/err" || code=$?
[ $code = 64 ] && grep -q "'newest', expected native, x86-64-v2, x86-64-v3 or x86-64-v4" "$work/err" || fail "an unknown level: $code, $(cat "$work/err")"
code=0
env -i "$work/all" > "$work/out" || code=$?
[ $code = 7 ] || fail "without an environment it ends with $code"
if [ "$(id -u)" = 0 ]; then
    code=0
    cp "$work/all" "$work/system/all"
    chroot "$work/system" /all 2> "$work/err" || code=$?
    [ $code = 1 ] && grep -q "/proc is not mounted" "$work/err" || fail "without /proc: $code, $(cat "$work/err")"
    rm "$work/system/all"
fi
echo "three programs in one file: right; this CPU has $newest"
[ "${1:-}" = --long ] || exit 0

scripts/package.sh "$work"
tar -xzf "$work"/tinygpt-*.tar.gz -C "$work/system" --strip-components=1
(cd "$work/system" && find . -type f -o -type l | sort)
file=$work/system/bin/tinygpt
readelf -lW "$file" | grep -q 'INTERP\|DYNAMIC' && fail "it needs a dynamic linker"
# An empty folder with nothing but the package and /proc, as the root.
mkdir "$work/system/proc"
mount -t proc proc "$work/system/proc" || mount --bind /proc "$work/system/proc"
trap 'umount "$work/system/proc"; rm -rf "$work"' EXIT
settings=(--layers 2 --heads 2 --width 64 --context 64 --steps 60 --quiet)
# The bytes of the tensors of a checkpoint, without the header, in which the time differs.
tensors() { tail -c +$((9 + $(od -An -tu8 -N8 "$1"))) "$1" | sha256sum; }
for level in "${levels[@]}"; do
    TINYGPT_CPU=$level "$file" --version > /dev/null 2>&1 || continue
    (export TINYGPT_CPU=$level; chroot "$work/system" /bin/tinygpt train "${settings[@]}" --run "/$level")
    (export TINYGPT_CPU=$level; chroot "$work/system" /bin/tinygpt sample "/$level" --length 40 --quiet) > /dev/null
    TINYGPT_CPU=$level swift build -c release --product tinygpt --scratch-path ".build-$level"
    native=.build-$level/release/tinygpt
    "$native" train "${settings[@]}" --run "$work/native-$level"
    [ "$(tensors "$work/system/$level/checkpoint-last.safetensors")" = "$(tensors "$work/native-$level/checkpoint-last.safetensors")" ] \
        || fail "$level: other bits than those of the build for it alone"
    echo "$level: the same bits in an empty root as from the build for it alone"
    python3 scripts/package/compare_speed.py "$file" "$native" "$level"
done
