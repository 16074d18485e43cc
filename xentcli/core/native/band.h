/* Isotonic fits to labels drawn anew: what bands of reliability curves are the quantiles of.
 *
 * Of the n rows of one prediction Binomial(n, p) are of class 1. The count of a draw is the quantile at a uniform number
 * that is a hash of the prediction's key and of the number of the draw: the order of the rows changes nothing.
 */
#ifndef XENT_BAND_H
#define XENT_BAND_H

#include "isotonic.h"
#include "mix.h"

#define GUIDES 256                            /* places to look from: the next few counts hold what is looked for */
#define AT_ONCE 8                             /* draws that are fitted to: the counts of a key are a line of the cache */

/* Rows of one prediction: at most `reach` counts to either side of the likeliest can be drawn. */
typedef struct { uint64_t key; double n, p; int64_t reach; } Rows;

static uint64_t hash(uint64_t u)
{
    u = (u ^ (u >> 29)) * 0xBF58476D1CE4E5B9u;
    return u ^ (u >> 29);
}

/* Between 0 and 1, for draw 0, 1, ... of a key. */
static double uniform(uint64_t key, int64_t draw)
{
    uint64_t mixed = hash(hash(((uint64_t)(draw + 1) * GOLDEN) ^ hash(key)));
    return ((double)(mixed >> 11) + 0.5) * 0x1p-53;
}

/* Up to a common factor, the probabilities of at most low, low + 1, ... of class 1: how many, and `low`. By recurrence
 * from the likeliest count. */
static int64_t cumulate(const Rows *r, double *cumulated, int64_t *low)
{
    const int64_t n = (int64_t)r->n, likeliest = (int64_t)((r->n + 1.0) * r->p), mode = likeliest < n ? likeliest : n;
    const int64_t first = mode > r->reach ? mode - r->reach : 0, last = n - mode > r->reach ? mode + r->reach : n;
    const double odds = r->p / (1.0 - r->p);
    double part = 1.0, sum = 0.0;
    for (int64_t k = mode; k > first; k--) {
        part *= (double)k / (r->n - (double)k + 1.0) / odds;
        cumulated[k - 1 - first] = part;
    }
    cumulated[mode - first] = part = 1.0;
    for (int64_t k = mode; k < last; k++) {
        part *= (r->n - (double)k) / ((double)k + 1.0) * odds;
        cumulated[k + 1 - first] = part;
    }
    for (int64_t k = 0; k <= last - first; k++) cumulated[k] = sum += cumulated[k];
    *low = first;
    return last - first + 1;
}

/* Where to begin to look for a part of the last of rising x [n], 1 or more, by parts in GUIDES. */
static void guide(const double *x, int64_t n, int64_t *begin)
{
    int64_t i = 0;
    for (int g = 0; g < GUIDES; g++) {
        while (x[i] < x[n - 1] * ((double)g / GUIDES)) i++;
        begin[g] = i;
    }
}

/* The counts of class 1 in each draw, times `factor`. */
static void draw_counts(const Rows *r, double factor, int64_t draws, double *cumulated, double *counts)
{
    int64_t low = 0, begin[GUIDES];
    const int sure = !(r->p > 0.0 && r->p < 1.0);
    if (r->n == 1.0 || sure) {
        for (int64_t d = 0; d < draws; d++)
            counts[d] = (r->n > 1.0 ? r->n * r->p : uniform(r->key, d) > 1.0 - r->p) * factor;
        return;
    }
    const int64_t size = cumulate(r, cumulated, &low);
    guide(cumulated, size, begin);
    for (int64_t d = 0; d < draws; d++) {
        double u = uniform(r->key, d), value = u * cumulated[size - 1];
        int64_t i = begin[(int)(u * GUIDES)];
        while (cumulated[i] < value) i++;
        counts[d] = (double)(low + i) * factor;
    }
}

/* In place of the weights of class 1 in `count` draws, curves [m][stride], the shares of the isotonic fit to each, with
 * weights [m] of both classes. */
static void fit_draws(const double *weight, int64_t m, int count, int64_t stride, double *scratch, int64_t *ends,
                      double *curves)
{
    double *negative = scratch + AT_ONCE * m, *up = negative + m, *down = up + m;
    for (int64_t j = 0; j < m; j++)
        for (int t = 0; t < count; t++) scratch[t * m + j] = curves[j * stride + t];
    for (int t = 0; t < count; t++) {
        double *positive = scratch + t * m;
        for (int64_t j = 0; j < m; j++) negative[j] = weight[j] > positive[j] ? weight[j] - positive[j] : 0.0;
        int64_t blocks = pool(positive, negative, m, up, down, ends);
        for (int64_t b = 0, j = 0; b < blocks; b++)
            for (double share = up[b] / (up[b] + down[b]); j < ends[b]; j++) positive[j] = share;
    }
    for (int64_t j = 0; j < m; j++)
        for (int t = 0; t < count; t++) curves[j * stride + t] = scratch[t * m + j];
}

#endif
