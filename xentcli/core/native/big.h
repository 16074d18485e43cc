/* Whole numbers of many digits: what decides on which side of a midpoint a long decimal lies. */
#ifndef XENT_BIG_H
#define XENT_BIG_H

#include <stdint.h>

/* 4,096 bits. The longest that occur: 5^1142 times a midpoint of 54 bits, and 800 digits, are below 2^2720. */
enum { BIG_LIMBS = 64 };

typedef struct {
    uint64_t limb[BIG_LIMBS];                 /* the lowest first */
    int used;
} Big;

static void append_limb(Big *b, uint64_t limb)
{
    if (limb && b->used < BIG_LIMBS) b->limb[b->used++] = limb;
}

/* b = b factor + more */
static void multiply_add(Big *b, uint64_t factor, uint64_t more)
{
    for (int i = 0; i < b->used; i++) {
        unsigned __int128 product = (unsigned __int128)b->limb[i] * factor + more;
        b->limb[i] = (uint64_t)product;
        more = (uint64_t)(product >> 64);
    }
    append_limb(b, more);
}

/* b = b 5^power */
static void multiply_by_five(Big *b, int64_t power)
{
    const uint64_t five_27 = 7450580596923828125u;  /* the highest that fits */
    for (; power >= 27; power -= 27) multiply_add(b, five_27, 0);
    for (; power > 0; power--) multiply_add(b, 5, 0);
}

/* b = b 2^bits */
static void multiply_by_two(Big *b, int64_t bits)
{
    for (; bits >= 32; bits -= 32) multiply_add(b, (uint64_t)1 << 32, 0);
    multiply_add(b, (uint64_t)1 << bits, 0);
}

/* The sign of a - b. */
static int compare(const Big *a, const Big *b)
{
    if (a->used != b->used) return a->used < b->used ? -1 : 1;
    for (int i = a->used - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

#endif
