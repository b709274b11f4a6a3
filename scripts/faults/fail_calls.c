// A library to preload (LD_PRELOAD) that stands between a program and the file system: it records every call that changes
// something below a folder, and can make one of them fail, or let the folder fill up.
//
//   FAULT_ROOT   the folder; calls on other paths pass unseen
//   FAULT_LOG    record: a line for each call that succeeded, the bytes after the line of a write
//   FAULT_AT     which call fails, counting from 1
//   FAULT_KIND   how: ENOSPC, EIO, EINTR (a call that fails with it), SHORT (half of a write), FULL (this write and everything
//                after it that needs space fails, half of the first is written), KILL (the process, before the call)
//   FAULT_QUOTA  bytes that all files in the folder may have together: a write beyond is cut short, the next gets ENOSPC
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024 };

static const char *root, *kind;
static long quota = -1, failing = -1;
static int record = -1;
static atomic_long calls;
static atomic_bool isFull;
static atomic_bool isTracked[DESCRIPTORS];

__attribute__((constructor)) static void begin(void) {
    root = getenv("FAULT_ROOT");
    kind = getenv("FAULT_KIND");
    if (getenv("FAULT_QUOTA")) quota = atol(getenv("FAULT_QUOTA"));
    if (getenv("FAULT_AT")) failing = atol(getenv("FAULT_AT"));
    // A number that no other file gets: not the descriptors whose absence is tested.
    const char *path = getenv("FAULT_LOG");
    if (path) {
        int low = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        record = fcntl(low, F_DUPFD_CLOEXEC, 900);
        syscall(SYS_close, low);
    }
}

static int isBelow(const char *path) {
    size_t length = root ? strlen(root) : 0;
    return length && path && strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int isKnown(int descriptor) { return descriptor >= 0 && descriptor < DESCRIPTORS && isTracked[descriptor]; }

static void note(const void *bytes, size_t count, const char *format, ...) {
    if (record < 0) return;
    int error = errno;
    char line[8192];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[length++] = '\n';
    struct iovec parts[2] = {{line, (size_t)length}, {(void *)bytes, count}};
    syscall(SYS_writev, record, parts, bytes ? 2 : 1);
    errno = error;
}

enum Fate { PASS, FAIL, HALF };

// Counts a call and says what becomes of it; `needsSpace` for those that fail on a full disk.
static enum Fate fate(int isWrite, int needsSpace) {
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (isFull && needsSpace) { errno = ENOSPC; return FAIL; }
    if (number != failing) return PASS;
    if (!strcmp(kind, "KILL")) { raise(SIGKILL); return PASS; }
    if (!strcmp(kind, "SHORT")) return isWrite ? HALF : PASS;
    if (!strcmp(kind, "FULL")) {
        isFull = 1;
        if (isWrite) return HALF;
        if (!needsSpace) return PASS;
        errno = ENOSPC;
        return FAIL;
    }
    errno = !strcmp(kind, "EIO") ? EIO : !strcmp(kind, "EINTR") ? EINTR : ENOSPC;
    return FAIL;
}

static long bytesBelow(const char *folder) {
    long sum = 0;
    DIR *entries = opendir(folder);
    if (!entries) return 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        struct stat status;
        if (lstat(path, &status) == 0) sum += S_ISDIR(status.st_mode) ? bytesBelow(path) : status.st_size;
    }
    closedir(entries);
    return sum;
}

static int opened(int descriptor, const char *path, int flags) {
    if (descriptor >= 0 && descriptor < DESCRIPTORS && isBelow(path)) {
        isTracked[descriptor] = 1;
        note(NULL, 0, "open %d %d %s", descriptor, flags, path);
    }
    return descriptor;
}

static int openAt(int folder, const char *path, int flags, mode_t mode) {
    int changes = isBelow(path) && (flags & (O_WRONLY | O_RDWR | O_CREAT));
    if (changes && fate(0, (flags & O_CREAT) != 0) == FAIL) return -1;
    return opened((int)syscall(SYS_openat, folder, path, flags, mode), path, flags);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode = va_arg(arguments, mode_t); \
        va_end(arguments); \
    }

int open(const char *path, int flags, ...) { MODE(flags) return openAt(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return openAt(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return openAt(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return openAt(folder, path, flags, mode); }

int close(int descriptor) {
    if (isKnown(descriptor)) {
        isTracked[descriptor] = 0;
        note(NULL, 0, "close %d", descriptor);
    }
    return (int)syscall(SYS_close, descriptor);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (!isKnown(descriptor)) return syscall(SYS_write, descriptor, bytes, count);
    switch (fate(1, 1)) {
    case FAIL: return -1;
    case HALF: count = (count + 1) / 2; break;
    case PASS: break;
    }
    if (quota >= 0) {
        long left = quota - bytesBelow(root);
        if (left <= 0) { errno = ENOSPC; return -1; }
        if ((long)count > left) count = (size_t)left;
    }
    ssize_t written = syscall(SYS_write, descriptor, bytes, count);
    if (written > 0) note(bytes, (size_t)written, "write %d %zd", descriptor, written);
    return written;
}

#define ON_DESCRIPTOR(name, number, format, ...) \
    if (!isKnown(descriptor)) return (int)syscall(number, descriptor, ##__VA_ARGS__); \
    if (fate(0, 0) == FAIL) return -1; \
    int result = (int)syscall(number, descriptor, ##__VA_ARGS__); \
    if (result == 0) note(NULL, 0, name format, descriptor, ##__VA_ARGS__); \
    return result;

int fsync(int descriptor) { ON_DESCRIPTOR("fsync", SYS_fsync, " %d") }
int fdatasync(int descriptor) { ON_DESCRIPTOR("fsync", SYS_fdatasync, " %d") }
int ftruncate(int descriptor, off_t length) { ON_DESCRIPTOR("ftruncate", SYS_ftruncate, " %d %ld", length) }
int flock(int descriptor, int operation) { ON_DESCRIPTOR("flock", SYS_flock, " %d %d", operation) }

int rename(const char *from, const char *to) {
    if (!isBelow(to)) return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
    if (fate(0, 0) == FAIL) return -1;
    int result = (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
    if (result == 0) note(NULL, 0, "rename %s\t%s", from, to);
    return result;
}

#define ON_PATH(name, needsSpace, number, ...) \
    if (!isBelow(path)) return (int)syscall(number, AT_FDCWD, path, ##__VA_ARGS__); \
    if (fate(0, needsSpace) == FAIL) return -1; \
    int result = (int)syscall(number, AT_FDCWD, path, ##__VA_ARGS__); \
    if (result == 0) note(NULL, 0, name " %s", path); \
    return result;

int mkdir(const char *path, mode_t mode) { ON_PATH("mkdir", 1, SYS_mkdirat, mode) }
int unlink(const char *path) { ON_PATH("unlink", 0, SYS_unlinkat, 0) }
int rmdir(const char *path) { ON_PATH("rmdir", 0, SYS_unlinkat, AT_REMOVEDIR) }
