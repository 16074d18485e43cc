/* Which level of SIMD this CPU has. Asked by cpuid itself: __builtin_cpu_supports is a stub under zig. */
#include "xent.h"

#include <string.h>

int32_t xent_facts(int64_t *facts, int64_t count)
{
    const int64_t known[] = {XENT_VERSION, XENT_DIGIT_BITS, XENT_LOWEST_POWER, XENT_PLACES, XENT_MOST_TERMS,
                             sizeof(XentBlock), sizeof(XentRows), sizeof(XentTotals), sizeof(XentFit),
                             sizeof(XentOdds), sizeof(XentKeys), sizeof(XentKept), sizeof(XentWords), sizeof(XentText)};
    if (!facts || count != (int64_t)(sizeof known / sizeof *known)) return XENT_BAD_ARGUMENT;
    memcpy(facts, known, sizeof known);
    return XENT_OK;
}

/* Sums of 1 and parts of its last bit, and the smallest float64 halved and doubled: no digit is cut off or flushed. */
int32_t xent_rounds_to_nearest(void)
{
    volatile double one = 1.0, more = 0x1.8p-53, less = 0x1p-54, smallest = 0x1p-1074, tiny = 0x1p-1022;
    volatile double up = one + more, down = one - less, same = one + less, half = tiny * 0.5, twice = smallest + smallest;
    return up == 0x1.0000000000001p0 && down == one && same == one && -one - less == -one && half == 0x1p-1023
           && twice == 0x1p-1073;
}

#if defined(__x86_64__)
#include <cpuid.h>

enum { SAVED_AVX = 6, SAVED_AVX512 = 0xe6 };  /* bits of XCR0: registers that the system saves */

static uint32_t saved_registers(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

int32_t xent_best_level(void)
{
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX)) return 0;
    uint32_t saved = saved_registers(), avx512 = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
    if ((saved & SAVED_AVX) != SAVED_AVX || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    if (!(b & bit_AVX2) || !(b & bit_BMI) || !(b & bit_BMI2)) return 0;
    return (saved & SAVED_AVX512) == SAVED_AVX512 && (b & avx512) == avx512 ? 2 : 1;
}
#else
int32_t xent_best_level(void) { return 0; }
#endif
