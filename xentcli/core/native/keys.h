/* Integer keys and the number under which each was met first: a hash table of open addressing. */
#ifndef XENT_KEYS_H
#define XENT_KEYS_H

#include "xent.h"

/* The number of a key, a new one if need be; -1 where half of the table is in use. */
static inline int64_t number_of_key(XentKeys *k, int64_t key)
{
    uint64_t mask = (uint64_t)(k->slots - 1), hash = (uint64_t)key * 0x9e3779b97f4a7c15u, at;
    for (at = (hash ^ hash >> 32) & mask; k->table[2 * at + 1]; at = (at + 1) & mask)
        if (k->table[2 * at] == key) return k->table[2 * at + 1] - 1;
    if (2 * k->count >= k->slots) return -1;
    k->table[2 * at] = k->distinct[k->count] = key;
    k->table[2 * at + 1] = ++k->count;
    return k->count - 1;
}

#endif
