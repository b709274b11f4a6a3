#!/usr/bin/env bash
# Checks that a character is sampled without allocating memory: counts the calls of malloc in the release build with a library
# that is loaded before the C library. Linux only, and needs the toolchain's clang.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname)" != Linux ]; then
    echo "skipped: allocations are counted by a library that only Linux can load in front of another"
    exit 0
fi
tinygpt=$PWD/.build/release/tinygpt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Counts blocks that the program and Swift's libraries allocate. What Dispatch and the C library allocate when a thread is
# woken depends on how often the system takes a core away; instead, the wakes are counted, each of which costs the program one
# block, for the closure that it hands over.
clang -shared -fPIC -O1 -o counting.so -x c - <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static long blocks, wakes;
void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);
static void add(void *caller) {
    Dl_info info;
    if (!dladdr(caller, &info) || strstr(info.dli_fname, "libdispatch") || strstr(info.dli_fname, "libBlocksRuntime")
        || strstr(info.dli_fname, "libc.so") || strstr(info.dli_fname, "ld-linux")) return;
    __atomic_add_fetch(&blocks, 1, __ATOMIC_RELAXED);
}
#define COUNTED add(__builtin_return_address(0))
void *malloc(size_t size) { COUNTED; return __libc_malloc(size); }
void *calloc(size_t number, size_t size) { COUNTED; return __libc_calloc(number, size); }
void *realloc(void *old, size_t size) { COUNTED; return __libc_realloc(old, size); }
int posix_memalign(void **block, size_t alignment, size_t size) {
    COUNTED;
    return !(*block = __libc_memalign(alignment, size));
}
void dispatch_async(void *queue, void *work) {
    static void (*next)(void *, void *);
    if (!next) next = (void (*)(void *, void *))dlsym(RTLD_NEXT, "dispatch_async");
    __atomic_add_fetch(&wakes, 1, __ATOMIC_RELAXED);
    next(queue, work);
}
__attribute__((destructor)) static void report(void) { fprintf(stderr, "counted %ld %ld\n", blocks, wakes); }
C

# count THREADS LENGTH: blocks and wakes when so many characters are sampled within one window, in $blocks and $wakes. Printed as
# text: a number in JSON that happens to have few digits takes a block less.
count() {
    LD_PRELOAD=$PWD/counting.so "$tinygpt" bench sample --architecture "$architecture" --context 2000 --threads "$1" \
        --length "$2" > out 2> err
    blocks=$(sed -n 's/^counted \([0-9]*\) [0-9]*$/\1/p' err)
    wakes=$(sed -n 's/^counted [0-9]* \([0-9]*\)$/\1/p' err)
    [ "${blocks:-0}" -gt 0 ] || { echo "FAILED: nothing was counted: $(cat err)" >&2; exit 1; }
    echo "$architecture, $1 thread(s), $2 characters: $blocks blocks, $wakes wakes"
}

for architecture in classic modern; do
    count 1 500
    short=$blocks
    count 1 1500
    if [ "$blocks" != "$short" ]; then
        echo "FAILED: a thousand characters more allocate $((blocks - short)) blocks more" >&2
        exit 1
    fi
    alone=$blocks
    count 2 1500
    # The second thread and its workspace take some twenty blocks, however long the text is.
    allowed=$((alone + 100 + wakes))
    if [ "$blocks" -gt "$allowed" ]; then
        echo "FAILED: 1500 characters on 2 threads allocate $blocks blocks, expected at most $allowed" >&2
        exit 1
    fi
    if [ "$(nproc)" -gt 1 ] && [ "$wakes" = 0 ]; then
        echo "FAILED: no second thread was woken, so nothing was checked" >&2
        exit 1
    fi
done
