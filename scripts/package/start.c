// The beginning of the packed program. Its file holds a static program for each level of x86-64, side by side at addresses of
// their own, and the kernel has mapped all of them, which costs nothing until a page is touched. This chooses one and jumps to it,
// after pointing what the kernel says of the program (the auxiliary vector) at it, as if it alone had been started.
#include <cpuid.h>

struct program {
    const char *level;
    unsigned long entry, headers, header_count;
};

// From the oldest level to the newest.
static const struct program programs[] = {PROGRAMS};
enum { program_count = sizeof programs / sizeof programs[0] };

enum { sys_write = 1, sys_access = 21, sys_exit = 60 };
enum { at_null = 0, at_phdr = 3, at_phnum = 5, at_entry = 9 };

static long call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}

static unsigned long length(const char *text) {
    unsigned long count = 0;
    while (text[count]) count++;
    return count;
}

static int same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

__attribute__((noreturn)) static void fail(long code, const char *const *parts) {
    for (; *parts; parts++) call(sys_write, 2, (long)*parts, (long)length(*parts));
    for (;;) call(sys_exit, code, 0, 0);
}

// The newest level that CPU and kernel have, from 1. Levels and their features are those of the System V ABI for AMD64.
static int newest_level(void) {
    unsigned a, b, c, d, extended_c = 0, features = 0, saved = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 1;
    const unsigned v2 = bit_SSE3 | bit_SSSE3 | bit_CMPXCHG16B | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT;
    if ((c & v2) != v2) return 1;
    const unsigned v3 = bit_FMA | bit_MOVBE | bit_OSXSAVE | bit_AVX | bit_F16C;
    const unsigned v3_features = bit_AVX2 | bit_BMI | bit_BMI2;
    if ((c & v3) != v3) return 2;
    __get_cpuid_count(7, 0, &a, &features, &c, &d);
    __get_cpuid(0x80000001, &a, &b, &extended_c, &d);
    // Registers that the kernel saves: 6 are those of SSE and AVX, 0xe0 those of AVX-512.
    __asm__ volatile("xgetbv" : "=a"(saved) : "c"(0) : "edx");
    if ((features & v3_features) != v3_features || !(extended_c & bit_LZCNT) || (saved & 6) != 6) return 2;
    const unsigned v4 = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
    return (features & v4) == v4 && (saved & 0xe6) == 0xe6 ? 4 : 3;
}

// The program to run: the newest that the CPU can, or that of TINYGPT_CPU.
static const struct program *choose(char **environment) {
    static const char name[] = "TINYGPT_CPU=";
    int newest = newest_level() - 2;
    if (newest >= program_count) newest = program_count - 1;
    if (newest < 0) {
        fail(1, (const char *[]){"tinygpt: this CPU is older than ", programs[0].level, ", which all have had since 2013\n", 0});
    }
    for (; *environment; environment++) {
        unsigned long count = 0;
        while (count < sizeof name - 1 && (*environment)[count] == name[count]) count++;
        if (count < sizeof name - 1) continue;
        const char *wanted = *environment + count;
        // What a build takes for "this computer", for those who export the variable for their builds.
        if (same(wanted, "native")) break;
        for (int index = 0; index < program_count; index++) {
            if (!same(wanted, programs[index].level)) continue;
            if (index > newest) {
                fail(1, (const char *[]){"tinygpt: TINYGPT_CPU is ", wanted, ", but this CPU has ", programs[newest].level,
                                         " at most\n", 0});
            }
            return &programs[index];
        }
        fail(64, (const char *[]){"tinygpt: TINYGPT_CPU is '", wanted, "', expected native, x86-64-v2, x86-64-v3 or x86-64-v4\n", 0});
    }
    return &programs[newest];
}

// What the kernel leaves on the stack: the count of arguments, these, a null, the environment, a null, the auxiliary vector.
__attribute__((used)) static unsigned long start(unsigned long *stack) {
    char **environment = (char **)(stack + stack[0] + 2);
    const struct program *program = choose(environment);
    // Swift takes the arguments from there, and its runtime ends the process without a word that anyone could act upon.
    if (call(sys_access, (long)"/proc/self/cmdline", 4 /* R_OK */, 0) != 0) {
        fail(1, (const char *[]){"tinygpt: /proc is not mounted here, and Swift's runtime needs it: mount -t proc proc /proc\n", 0});
    }
    while (*environment) environment++;
    for (unsigned long *entry = (unsigned long *)(environment + 1); entry[0] != at_null; entry += 2) {
        if (entry[0] == at_phdr) entry[1] = program->headers;
        if (entry[0] == at_phnum) entry[1] = program->header_count;
        if (entry[0] == at_entry) entry[1] = program->entry;
    }
    return program->entry;
}

// The registers and the stack are those of a new process again when the program begins.
__asm__(".globl _start\n"
        "_start:\n"
        "    xorl %ebp, %ebp\n"
        "    movq %rsp, %rbx\n"
        "    movq %rsp, %rdi\n"
        "    andq $-16, %rsp\n"
        "    call start\n"
        "    movq %rbx, %rsp\n"
        "    xorl %edx, %edx\n"
        "    jmp *%rax\n");
