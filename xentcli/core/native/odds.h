/* The weight of each of two classes by log-odds: a hash table that grows in NumPy's memory.
 *
 * A key is the bits of the log-odds as an integer in the same order, without its last `shift` bits. 0 is no key (it
 * would be a NaN's), so a table of zeros is empty. Keys next to each other are common, so the place of a key is taken
 * from its product with 2^64 / golden ratio; who finds it taken goes on to the next (linear probing; Knuth, TAOCP 3,
 * 6.4).
 *
 * An entry of plain rows counts those of class 0 in the lower half of one integer and those of class 1 in the upper:
 * four entries share a line of the cache and none lies across two. Any other weights are added exactly, in an entry for
 * each exponent that occurs at a key: the upper 26 bits of the 53 to one half, the lower 27 to the other. Their squares,
 * which standard errors take, are added exactly too: 106 bits to four limbs of 27, the highest first.
 */
#ifndef XENT_ODDS_H
#define XENT_ODDS_H

#include "mix.h"
#include "xent.h"

enum { FAR_WORDS = 1 << 15 };                 /* a table of more is not in the first two caches */
#define LOW_HALF 0x7ffffffu                   /* 27 bits */

/* Room for so many entries: at 5/8, who is new looks at four places. */
INLINE int64_t most_entries(const XentOdds *t) { return t->capacity / 8 * 5; }

INLINE uint64_t order_of(double x)
{
    uint64_t u = bits_of(x + 0.0);            /* -0.0 is 0.0 */
    return u ^ ((0 - (u >> 63)) | (uint64_t)1 << 63);
}

INLINE int is_odds_table(const XentOdds *t)
{
    return t && t->entries && (t->words == XENT_COUNT_WORDS || t->words == XENT_WEIGHT_WORDS) && t->capacity >= 8
           && t->capacity <= (int64_t)1 << 40 && !(t->capacity & (t->capacity - 1)) && t->used >= 0
           && t->used <= most_entries(t) && t->rows >= 0 && t->rows <= UINT32_MAX
           && (t->shift == 0 || t->shift == XENT_CELL_BITS);
}

/* By so many bits is a product shifted to be a place. */
INLINE int place_shift(const XentOdds *t) { return __builtin_clzll((uint64_t)t->capacity) + 1; }

/* The counts of a key whose place is `at`, of 0 if it is new; there is room left. */
INLINE uint64_t *count_entry(XentOdds *t, uint64_t key, uint64_t at)
{
    for (const uint64_t mask = (uint64_t)t->capacity - 1;; at = (at + 1) & mask) {
        uint64_t *entry = t->entries + XENT_COUNT_WORDS * at;
        if (entry[0] == key) return entry + 1;
        if (entry[0]) continue;
        entry[0] = key;
        t->used++;
        return entry + 1;
    }
}

/* The halves and limbs of a key and an exponent, likewise. */
INLINE uint64_t *weight_entry(XentOdds *t, uint64_t key, uint64_t exponent, uint64_t at)
{
    for (const uint64_t mask = (uint64_t)t->capacity - 1;; at = (at + 1) & mask) {
        uint64_t *entry = t->entries + XENT_WEIGHT_WORDS * at;
        if (entry[0] == key && entry[1] == exponent) return entry + 2;
        if (entry[0]) continue;
        entry[0] = key;
        entry[1] = exponent;
        t->used++;
        return entry + 2;
    }
}
INLINE uint64_t weight_place(uint64_t key, uint64_t exponent, int to_place)
{
    return (key * GOLDEN + exponent * (GOLDEN << 32 | 1)) >> to_place;
}

/* Keys of n <= XENT_TILE_ROWS log-odds; whether none is NaN. */
INLINE int order_tile(const double *restrict odds, int n, int shift, uint64_t *restrict key)
{
    uint64_t nan = 0;
    for (int i = 0; i < n; i++) {
        nan |= (uint64_t)(odds[i] != odds[i]);
        key[i] = order_of(odds[i]) >> shift;
    }
    return !nan;
}

/* Add n <= XENT_TILE_ROWS rows of log-odds, and whether class 1 is the true one as 1.0 or 0.0: all of them, or none and
 * XENT_FULL, or none and XENT_NOT_FINITE because of a NaN. */
static int add_odds(XentOdds *t, const double *restrict odds, const double *restrict positive, int n)
{
    uint64_t key[XENT_TILE_ROWS], place[XENT_TILE_ROWS], rows[XENT_TILE_ROWS];
    const int to_place = place_shift(t);
    if (t->used + n > most_entries(t) || t->rows + n > UINT32_MAX) return XENT_FULL;
    if (!order_tile(odds, n, (int)t->shift, key)) return XENT_NOT_FINITE;
    for (int i = 0; i < n; i++) {
        place[i] = (key[i] * GOLDEN) >> to_place;
        rows[i] = positive[i] != 0.0 ? (uint64_t)1 << 32 : 1;
    }
    if (t->capacity > FAR_WORDS / XENT_COUNT_WORDS)
        for (int i = 0; i < n; i++) __builtin_prefetch(t->entries + XENT_COUNT_WORDS * place[i], 1);
    for (int i = 0; i < n; i++) *count_entry(t, key[i], place[i]) += rows[i];
    t->rows += n;
    return XENT_OK;
}

/* Add (2^27 high + low)^2 to four limbs; high < 2^26, low < 2^27. */
INLINE void add_square(uint64_t *limbs, uint64_t high, uint64_t low)
{
    const uint64_t last = low * low, middle = 2 * high * low + (last >> 27), first = high * high + (middle >> 27);
    limbs[0] += first >> 27;
    limbs[1] += first & LOW_HALF;
    limbs[2] += middle & LOW_HALF;
    limbs[3] += last & LOW_HALF;
}

/* Add a value, unless it is 0 or rounding made it less, and its square to those of class 1 or 0 at a key. */
INLINE void add_weight(XentOdds *t, uint64_t key, double value, int class, int to_place)
{
    if (!(value > 0.0)) return;
    uint64_t bits = bits_of(value), field = bits >> 52, mantissa = bits & 0x000fffffffffffffu;
    uint64_t exponent = field ? field : 1, whole = mantissa | (uint64_t)(field > 0) << 52;
    uint64_t *sums = weight_entry(t, key, exponent, weight_place(key, exponent, to_place));
    uint64_t *halves = sums + (class ? 0 : 2), *limbs = sums + (class ? 4 : 8);
    halves[0] += whole >> 27;
    halves[1] += whole & LOW_HALF;
    add_square(limbs, whole >> 27, whole & LOW_HALF);
}

/* Likewise, rows of which class 1 has the share `positive`, 0 .. 1, and that weigh `weights`, finite, or 1 if NULL. */
static int add_weighted_odds(XentOdds *t, const double *restrict odds, const double *restrict positive,
                             const double *restrict weights, int n)
{
    uint64_t key[XENT_TILE_ROWS];
    double one[XENT_TILE_ROWS], zero[XENT_TILE_ROWS], wrong = 0.0;
    const int to_place = place_shift(t);
    if (t->used + 2 * n > most_entries(t) || t->rows + n > UINT32_MAX) return XENT_FULL;
    if (!order_tile(odds, n, (int)t->shift, key)) return XENT_NOT_FINITE;
    for (int i = 0; i < n; i++) {
        double w = weights ? weights[i] : 1.0;
        one[i] = w * positive[i];
        zero[i] = w * (1.0 - positive[i]);
        wrong = magnitude(one[i]) + magnitude(zero[i]) < INFINITY ? wrong : 1.0;
    }
    if (wrong != 0.0) return XENT_NOT_FINITE;
    for (int i = 0; i < n; i++) {
        add_weight(t, key[i], one[i], 1, to_place);
        add_weight(t, key[i], zero[i], 0, to_place);
    }
    t->rows += n;
    return XENT_OK;
}

/* Add all entries of a table to an empty one that leaves out as many bits or more; XENT_FULL if they do not fit. */
static int add_table(const XentOdds *from, XentOdds *to)
{
    const int shift = (int)(to->shift - from->shift), to_place = place_shift(to);
    const int64_t most = most_entries(to);
    for (int64_t i = 0; i < from->capacity; i++) {
        const uint64_t *entry = from->entries + from->words * i;
        if (!entry[0]) continue;
        if (to->used >= most) return XENT_FULL;
        const uint64_t key = entry[0] >> shift;
        if (from->words == XENT_COUNT_WORDS) *count_entry(to, key, (key * GOLDEN) >> to_place) += entry[1];
        else {
            uint64_t *sums = weight_entry(to, key, entry[1], weight_place(key, entry[1], to_place));
            for (int j = 0; j < XENT_WEIGHT_WORDS - 2; j++) sums[j] += entry[2 + j];
        }
    }
    to->rows = from->rows;
    return XENT_OK;
}

#endif
