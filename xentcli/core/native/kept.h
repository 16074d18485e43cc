/* The rows kept for fits, of three classes or more: see xentcli/core/kept_rows.py for which and why.
 *
 * A row has a key of 64 mixed bits, and is of level L if that starts with L zero bits. Their room is NumPy's memory,
 * class after class, as what reads it later goes by class.
 */
#ifndef XENT_KEPT_H
#define XENT_KEPT_H

#include "mix.h"
#include "xent.h"

enum { KEY_BITS = 64 };

INLINE uint64_t highest_key(int64_t level) { return level >= KEY_BITS ? 0 : ~(uint64_t)0 >> level; }

INLINE int is_kept_room(const XentKept *t)
{
    return t && t->classes >= 1 && t->classes <= INT32_MAX && t->capacity >= 0
           && t->capacity < ((int64_t)1 << 59) / t->classes && t->count >= 0 && t->count <= t->capacity && t->total >= 0
           && t->level >= 0 && t->level <= KEY_BITS
           && ((t->log_q && t->weights && t->keys && !t->labels != !t->targets) || !t->capacity);
}

/* Which of n <= XENT_TILE_ROWS rows are to be kept: those of the level whose loss is finite (all where NULL). Their
 * number, or -1 where there is no room for them: nothing has changed then. Otherwise all n have been counted. */
INLINE int choose_rows(XentKept *t, const double *loss, const uint64_t *restrict keys, int n, int *restrict at)
{
    const uint64_t highest = highest_key(t->level);
    int chosen = 0;
    int64_t finite = 0;
    for (int i = 0; i < n; i++) {
        int fits = !loss || magnitude(loss[i]) < INFINITY;
        at[chosen] = i;
        chosen += fits & (keys[i] <= highest);
        finite += fits;
    }
    if (chosen > t->capacity - t->count) return -1;
    t->total += finite;
    return chosen;
}

/* Copy `chosen` rows at `at` of classes' values [classes][stride] behind those in `room` [classes][capacity]. */
INLINE void copy_classes(const XentKept *t, double *room, const double *values, int64_t stride, const int *at,
                         int chosen, int n)
{
    for (int64_t k = 0; k < t->classes; k++) {
        const double *restrict from = values + k * stride;
        double *restrict to = room + k * t->capacity + t->count;
        if (chosen == n) memcpy(to, from, (size_t)n * sizeof(double));
        else for (int j = 0; j < chosen; j++) to[j] = from[at[j]];
    }
}

/* The rows of a tile whose values stand apart: offered, of which those of the level are kept. */
typedef struct {
    const double *log_q;                      /* [classes][stride], each row short of a constant of its own */
    int64_t stride;
    const double *labels;                     /* true classes, or NULL where `targets` [classes][stride] are given */
    const double *targets;
    const double *weights;                    /* NULL for ones */
    const double *loss;                       /* rows of infinite loss are not kept; NULL: there are none */
    const uint64_t *keys;
} Offer;

/* Keep the rows of a tile that are of the level; XENT_FULL, and nothing has changed, if there is no room for them. */
static int keep_rows(XentKept *t, const Offer *o, int n)
{
    int at[XENT_TILE_ROWS], chosen = choose_rows(t, o->loss, o->keys, n, at);
    if (chosen < 0) return XENT_FULL;
    if (!chosen) return XENT_OK;
    copy_classes(t, t->log_q, o->log_q, o->stride, at, chosen, n);
    if (t->targets) copy_classes(t, t->targets, o->targets, o->stride, at, chosen, n);
    for (int j = 0; j < chosen; j++) {
        if (t->labels) t->labels[t->count + j] = (int64_t)o->labels[at[j]];
        t->weights[t->count + j] = o->weights ? o->weights[at[j]] : 1.0;
        t->keys[t->count + j] = o->keys[at[j]];
    }
    t->count += chosen;
    return XENT_OK;
}

/* Keep only the rows of a higher level, in place: class by class, so that each is read from end to end once. */
INLINE void drop_values(double *values, const uint64_t *keys, int64_t count, uint64_t highest)
{
    int64_t left = 0;
    for (int64_t i = 0; i < count; i++) {
        values[left] = values[i];
        left += keys[i] <= highest;
    }
}

static void drop_rows(XentKept *t, int64_t level)
{
    const uint64_t highest = highest_key(level);
    for (int64_t k = 0; k < t->classes; k++) {
        drop_values(t->log_q + k * t->capacity, t->keys, t->count, highest);
        if (t->targets) drop_values(t->targets + k * t->capacity, t->keys, t->count, highest);
    }
    drop_values(t->weights, t->keys, t->count, highest);
    int64_t left = 0;
    for (int64_t i = 0; i < t->count; i++) {
        if (t->labels) t->labels[left] = t->labels[i];
        t->keys[left] = t->keys[i];
        left += t->keys[i] <= highest;
    }
    t->count = left;
    t->level = level;
}

#endif
