/* How often each of two classes is the true one, by log-odds: a hash table that grows in NumPy's memory.
 *
 * A key is the bits of the log-odds as an integer in the same order, without its last `shift` bits. 0 is no key (it
 * would be a NaN's), so a table of zeros is empty. An entry is a key and its rows, those of class 0 in the lower half
 * of one integer and those of class 1 in the upper: four entries share a line of the cache and none lies across two.
 * Keys next to each other are common, so the place of a key is taken from its product with 2^64 / golden ratio; who
 * finds it taken goes on to the next (linear probing; Knuth, TAOCP 3, 6.4).
 */
#ifndef XENT_ODDS_H
#define XENT_ODDS_H

#include "mix.h"
#include "xent.h"

enum { FAR_ENTRIES = 1 << 14 };               /* a table of more is not in the first two caches */

/* Room for so many entries: at 5/8, who is new looks at four places. */
INLINE int64_t most_entries(const XentOdds *t) { return t->capacity / 8 * 5; }

INLINE uint64_t order_of(double x)
{
    uint64_t u = bits_of(x + 0.0);            /* -0.0 is 0.0 */
    return u ^ ((0 - (u >> 63)) | (uint64_t)1 << 63);
}

INLINE int is_odds_table(const XentOdds *t)
{
    return t && t->entries && t->capacity >= 8 && t->capacity <= (int64_t)1 << 40 && !(t->capacity & (t->capacity - 1))
           && t->used >= 0 && t->used <= most_entries(t) && t->rows >= 0 && t->rows <= UINT32_MAX
           && (t->shift == 0 || t->shift == XENT_CELL_BITS);
}

INLINE int first_place_shift(const XentOdds *t) { return __builtin_clzll((uint64_t)t->capacity) + 1; }

/* Add rows to a key that has its first place at `at`; there is a place left. */
INLINE void add_entry(XentOdds *t, uint64_t key, uint64_t rows, uint64_t at)
{
    const uint64_t mask = (uint64_t)t->capacity - 1;
    uint64_t *entry = t->entries + 2 * at;
    while (entry[0] != key) {
        if (!entry[0]) {
            entry[0] = key;
            t->used++;
            break;
        }
        at = (at + 1) & mask;
        entry = t->entries + 2 * at;
    }
    entry[1] += rows;
}

/* Add n <= XENT_TILE_ROWS rows of log-odds, and whether class 1 is the true one as 1.0 or 0.0: all of them, or none and
 * XENT_FULL, or none and XENT_NOT_FINITE because of a NaN. */
static int add_odds(XentOdds *t, const double *restrict odds, const double *restrict positive, int n)
{
    uint64_t key[XENT_TILE_ROWS], place[XENT_TILE_ROWS], rows[XENT_TILE_ROWS], nan = 0;
    const int shift = (int)t->shift, to_place = first_place_shift(t);
    if (t->used + n > most_entries(t) || t->rows + n > UINT32_MAX) return XENT_FULL;
    for (int i = 0; i < n; i++) {
        nan |= (uint64_t)(odds[i] != odds[i]);
        key[i] = order_of(odds[i]) >> shift;
        place[i] = (key[i] * GOLDEN) >> to_place;
        rows[i] = positive[i] != 0.0 ? (uint64_t)1 << 32 : 1;
    }
    if (nan) return XENT_NOT_FINITE;
    if (t->capacity > FAR_ENTRIES)
        for (int i = 0; i < n; i++) __builtin_prefetch(t->entries + 2 * place[i], 1);
    for (int i = 0; i < n; i++) add_entry(t, key[i], rows[i], place[i]);
    t->rows += n;
    return XENT_OK;
}

/* Add all entries of a table to an empty one that leaves out as many bits or more; XENT_FULL if they do not fit. */
static int add_table(const XentOdds *from, XentOdds *to)
{
    const int shift = (int)(to->shift - from->shift), to_place = first_place_shift(to);
    const int64_t most = most_entries(to);
    for (int64_t i = 0; i < from->capacity; i++) {
        const uint64_t *entry = from->entries + 2 * i;
        if (!entry[0]) continue;
        if (to->used >= most) return XENT_FULL;
        uint64_t key = entry[0] >> shift;
        add_entry(to, key, entry[1], (key * GOLDEN) >> to_place);
    }
    to->rows = from->rows;
    return XENT_OK;
}

#endif
