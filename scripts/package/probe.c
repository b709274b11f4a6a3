// A small static program in place of tinygpt, for check-package.sh: does it find itself as the kernel would have started it?
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern const char __ehdr_start[];
extern char shared[] __attribute__((weak));
static __thread int initialized = 7, zero;
static char zeros[1 << 20];
static int data = 5;
static int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 3; }

int main(int count, char **arguments) {
    char self[4096] = "";
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) perror("/proc/self/exe");
    for (size_t index = 0; index < sizeof zeros; index++) {
        if (zeros[index]) return 2;
    }
    zeros[5] = ++data;
    memset(malloc(1 << 22), 1, 1 << 22);
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)__ehdr_start;
    int isOwn = getauxval(AT_PHDR) == (unsigned long)__ehdr_start + header->e_phoff && getauxval(AT_PHNUM) == header->e_phnum
        && getauxval(AT_ENTRY) == header->e_entry;
    printf("%s %d %d %d %d %s %s %s\n", LEVEL, isOwn, initialized + zero, data, constructed, count > 1 ? arguments[1] : "-",
           self, shared);
    return 7;
}
