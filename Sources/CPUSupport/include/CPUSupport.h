/// What the C preprocessor knows about the target and Swift does not: its vector width and instruction sets, and whether the
/// CPU at run time has them. Swift sees each constant below as a literal and folds the branches on it.
#pragma once

#if defined(__AVX512F__)
/// One register of floats. Clang's vector types are Swift's `SIMD16<Float>` and so on.
typedef float Vector __attribute__((ext_vector_type(16)));
typedef unsigned BitVector __attribute__((ext_vector_type(16)));
enum {
    /// Rows of the microkernel's register tile and registers per row: 24 accumulators of the 32 registers.
    tileRows = 12, tileVectors = 2,
};
#define TINYGPT_INSTRUCTION_SET "AVX-512"
#define TINYGPT_FUSED 1
#elif defined(__AVX2__) && defined(__FMA__)
typedef float Vector __attribute__((ext_vector_type(8)));
typedef unsigned BitVector __attribute__((ext_vector_type(8)));
enum { tileRows = 6, tileVectors = 2 };
#define TINYGPT_FUSED 1
#define TINYGPT_INSTRUCTION_SET "AVX2"
#elif defined(__aarch64__)
typedef float Vector __attribute__((ext_vector_type(4)));
typedef unsigned BitVector __attribute__((ext_vector_type(4)));
enum { tileRows = 8, tileVectors = 3 };
#define TINYGPT_FUSED 1
#define TINYGPT_INSTRUCTION_SET "NEON"
#else
typedef float Vector __attribute__((ext_vector_type(4)));
typedef unsigned BitVector __attribute__((ext_vector_type(4)));
enum { tileRows = 4, tileVectors = 3 };
#define TINYGPT_FUSED 0
#define TINYGPT_INSTRUCTION_SET "portable"
#endif

/// Whether a fused multiply-add is one instruction. Where not, Swift would call a library function per lane.
static inline _Bool hasFusedMultiplyAdd(void) { return TINYGPT_FUSED; }

/// Whether `scaledByPowerOfTwo` is one instruction. Where not, Swift has to do it in steps.
static inline _Bool hasPowerOfTwoScaling(void) {
#if defined(__AVX512F__)
    return 1;
#else
    return 0;
#endif
}

/// Every lane of `x` times 2 to the whole number in that lane of `exponent`, right also where the result is not in the
/// normal range; to be called only if there is such an instruction.
static inline Vector scaledByPowerOfTwo(Vector x, Vector exponent) {
#if defined(__AVX512F__)
    return __builtin_ia32_scalefps512_mask(x, exponent, x, 0xFFFF, 4 /* the current rounding */);
#else
    (void)exponent;
    return x;
#endif
}

/// The square root of every lane in one instruction; Swift's own is a loop over the lanes.
static inline Vector squareRootOfLanes(Vector x) { return __builtin_elementwise_sqrt(x); }

/// A register's worth of signed bytes as floats. The address need not be aligned. Swift's own conversion of 16 lanes is a loop over
/// them, and so is that of the next function.
static inline Vector floatsOfBytes(const void *address) {
    signed char __attribute__((ext_vector_type(sizeof(Vector) / sizeof(float)))) bytes;
    __builtin_memcpy(&bytes, address, sizeof bytes);
    return __builtin_convertvector(bytes, Vector);
}

/// The bits of the floats of which a register's worth of 16-bit numbers are the upper halves.
static inline BitVector bitsOfUpperHalves(const void *address) {
    unsigned short __attribute__((ext_vector_type(sizeof(Vector) / sizeof(float)))) halves;
    __builtin_memcpy(&halves, address, sizeof halves);
    return __builtin_convertvector(halves, BitVector) << 16;
}

/// The instruction set that the including module was compiled for.
static inline const char *compiledInstructionSet(void) { return TINYGPT_INSTRUCTION_SET; }

/// The name of an instruction set that the including module was compiled for and this CPU lacks, or null.
static inline const char *missingInstructionSet(void) {
#if defined(__x86_64__)
#if defined(__AVX512F__)
    if (!__builtin_cpu_supports("avx512f")) return "AVX-512F";
#endif
#if defined(__AVX512BW__)
    if (!__builtin_cpu_supports("avx512bw")) return "AVX-512BW";
#endif
#if defined(__AVX512DQ__)
    if (!__builtin_cpu_supports("avx512dq")) return "AVX-512DQ";
#endif
#if defined(__AVX512VL__)
    if (!__builtin_cpu_supports("avx512vl")) return "AVX-512VL";
#endif
#if defined(__AVX2__)
    if (!__builtin_cpu_supports("avx2")) return "AVX2";
#endif
#if defined(__FMA__)
    if (!__builtin_cpu_supports("fma")) return "FMA";
#endif
#if defined(__BMI2__)
    if (!__builtin_cpu_supports("bmi2")) return "BMI2";
#endif
#endif
    return 0;
}

/// A hint to the CPU that this thread spins, which saves power and leaves the loop quickly.
static inline void pauseWhileWaiting(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

/// Prefetches the cache line of an address for writing.
static inline void prefetchForWriting(const void *address) { __builtin_prefetch(address, 1); }
