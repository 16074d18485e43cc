/* A column of text as the different words in it, each once, and for each row which of them it is. */
#ifndef XENT_WORDS_H
#define XENT_WORDS_H

#include <string.h>

#include "numbers.h"
#include "xent.h"

enum { FIRST_SLOTS = 64 };

/* One to eight bytes as a word that tells them apart from others as many: some of them twice, but without a loop. */
static inline uint64_t last_bytes(const uint8_t *s, int64_t n)
{
    uint32_t first, last;
    if (n == 8) return load_word(s);
    if (n < 4) return s[0] | (uint64_t)s[n >> 1] << 8 | (uint64_t)s[n - 1] << 16;
    memcpy(&first, s, 4);
    memcpy(&last, s + n - 4, 4);
    return first | (uint64_t)last << 32;
}

/* Whatever the bytes are, two words of equal bytes have one hash. */
static inline uint64_t hash_of(const uint8_t *s, int64_t n)
{
    const uint64_t factor = 0x9e3779b97f4a7c15u;
    uint64_t hash = (uint64_t)n * factor;
    for (; n > 8; n -= 8, s += 8) {
        hash = (hash ^ load_word(s)) * factor;
        hash ^= hash >> 32;
    }
    hash = (hash ^ last_bytes(s, n)) * factor;
    return hash ^ hash >> 32;
}

static inline int is_same(const uint8_t *a, const uint8_t *b, int64_t n)
{
    for (; n > 8; n -= 8, a += 8, b += 8)
        if (load_word(a) != load_word(b)) return 0;
    return last_bytes(a, n) == last_bytes(b, n);
}

/* An empty table of `slots`, a power of two, behind the tables before it, with the words so far; 0 without room. */
static int make_table(XentWords *w, int64_t slots)
{
    int64_t begin = w->slots ? w->table_begin + w->slots : 0;
    if (begin + slots > w->table_room) return 0;
    w->table_begin = begin;
    w->slots = slots;
    int32_t *table = w->table + begin;
    memset(table, 0, (size_t)slots * sizeof *table);
    for (int64_t k = 1; k <= w->count; k++) {
        int64_t from = w->ends[k - 1];
        uint64_t at = hash_of(w->bytes + from, w->ends[k] - from) & (uint64_t)(slots - 1);
        while (table[at]) at = (at + 1) & (uint64_t)(slots - 1);
        table[at] = (int32_t)k;
    }
    return 1;
}

/* Word 0 is the empty one, which says that a value is missing. */
static int begin_words(XentWords *w)
{
    w->count = w->slots = w->table_begin = 0;
    if (w->ends_room < 1) return 0;
    w->ends[0] = 0;
    return !w->distinct || make_table(w, FIRST_SLOTS);
}

/* The number of the word s[0..n), a new one if need be; -1 without room. `s` may stand where a new word would. */
static int64_t number_of_word(XentWords *w, const uint8_t *s, int64_t n)
{
    if (!n) return 0;
    uint64_t at = 0;
    if (w->distinct) {
        if (2 * w->count >= w->slots && !make_table(w, 2 * w->slots)) return -1;
        const int32_t *table = w->table + w->table_begin;
        uint64_t mask = (uint64_t)(w->slots - 1);
        for (at = hash_of(s, n) & mask; table[at]; at = (at + 1) & mask) {
            int64_t k = table[at], from = w->ends[k - 1];
            if (w->ends[k] - from == n && is_same(w->bytes + from, s, n)) return k;
        }
    }
    int64_t from = w->ends[w->count];
    if (w->count + 1 >= w->ends_room || n > w->bytes_room - from) return -1;
    memmove(w->bytes + from, s, (size_t)n);
    w->ends[++w->count] = from + n;
    if (w->distinct) w->table[w->table_begin + (int64_t)at] = (int32_t)w->count;
    return w->count;
}

#endif
