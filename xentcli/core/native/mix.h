/* Bits mixed so that each of the result hangs on each of those given: keys of rows, hashes of their values. */
#ifndef XENT_MIX_H
#define XENT_MIX_H

#include "maths.h"

#define GOLDEN 0x9E3779B97F4A7C15u            /* 2^64 / golden ratio, odd */

/* splitmix64: Steele, Lea & Flood, Fast splittable pseudorandom number generators, 2014. */
INLINE uint64_t mix(uint64_t u)
{
    u = (u ^ (u >> 30)) * 0xBF58476D1CE4E5B9u;
    u = (u ^ (u >> 27)) * 0x94D049BB133111EBu;
    return u ^ (u >> 31);
}

/* Keys of n rows of an input whose mixed number is `start`: a Weyl sequence, each term mixed. Of these row numbers, or
 * of consecutive ones from `first` on where there are none. */
INLINE void row_keys(uint64_t start, const int64_t *rows, int64_t first, int n, uint64_t *restrict keys)
{
    for (int i = 0; i < n && rows; i++) keys[i] = mix(start + (uint64_t)rows[i] * GOLDEN);
    for (int i = 0; i < n && !rows; i++) keys[i] = mix(start + ((uint64_t)first + (uint64_t)i) * GOLDEN);
}

/* Add to hashes[n] the bits of values [classes][stride], each mixed with its place: that of class 0 is `place`. */
INLINE void add_hashes(const double *values, int64_t stride, int64_t classes, uint64_t place, int n,
                       uint64_t *restrict hashes)
{
    for (int64_t k = 0; k < classes; k++) {
        const double *restrict x = values + k * stride;
        const uint64_t step = (place + (uint64_t)k) * GOLDEN;
        for (int i = 0; i < n; i++) hashes[i] += mix(bits_of(x[i]) + step);
    }
}

#endif
