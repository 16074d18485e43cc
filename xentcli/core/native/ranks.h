/* Where the true class stands among the others, and how far off a prediction of ordered classes is.
 *
 * The rank of the true class is 1 + the classes above it: those of a higher score and, of the same, those before it, so
 * that it is 1 where the true class is the top class. The ranked probability score of K ordered classes is
 *
 *     RPS = 1 / (K - 1) sum over k < K of (Q_k - T_k)^2     Q, T: sums of q, and of what happened, up to class k
 *
 * With a label y, T is 0 below y, where Q_k is summed from the first class up, and 1 from y on, where 1 - Q_k is summed
 * from the last class down: no digits of good predictions cancel. q is a share: divided by the sum of its row.
 */
#ifndef XENT_RANKS_H
#define XENT_RANKS_H

#include "tile.h"

INLINE void count_above(const Tile *t, double *restrict above)
{
    double own[ROWS];
    for (int i = 0; i < t->n; i++) {
        own[i] = t->score[(int64_t)t->label[i] * t->stride + i];
        above[i] = 0.0;
    }
    for (int64_t k = 0; k < t->columns; k++) {
        const double *restrict z = t->score + k * t->stride;
        const double class = (double)k;
        for (int i = 0; i < t->n; i++) {
            double before = z[i] == own[i] ? 1.0 : 0.0;
            above[i] += z[i] > own[i] ? 1.0 : class < t->label[i] ? before : 0.0;
        }
    }
}

INLINE void rank_labels(const Tile *t, double *restrict rps)
{
    double sum[ROWS];
    for (int i = 0; i < t->n; i++) sum[i] = rps[i] = 0.0;
    for (int64_t k = 0; k < t->classes; k++) {
        const double *restrict q = t->share + k * t->stride;
        const double class = (double)k;
        for (int i = 0; i < t->n; i++) {
            sum[i] += class < t->label[i] ? q[i] : 0.0;
            rps[i] += class < t->label[i] ? sum[i] * sum[i] : 0.0;
        }
    }
    for (int i = 0; i < t->n; i++) sum[i] = 0.0;
    for (int64_t k = t->classes - 1; k > 0; k--) {
        const double *restrict q = t->share + k * t->stride;
        const double class = (double)k;
        for (int i = 0; i < t->n; i++) {
            sum[i] += class > t->label[i] ? q[i] : 0.0;
            rps[i] += class > t->label[i] ? sum[i] * sum[i] : 0.0;
        }
    }
}

INLINE void rank_targets(const Tile *t, double *restrict rps)
{
    double sum[ROWS];
    for (int i = 0; i < t->n; i++) sum[i] = rps[i] = 0.0;
    for (int64_t k = 0; k < t->classes - 1; k++) {
        const double *restrict q = t->share + k * t->stride, *restrict y = t->target + k * t->stride;
        for (int i = 0; i < t->n; i++) {
            sum[i] += q[i] - y[i];
            rps[i] += sum[i] * sum[i];
        }
    }
}

/* The ranked probability score of each row. */
INLINE void find_rps(const Tile *t, int soft, double *restrict rps)
{
    if (soft) rank_targets(t, rps);
    else rank_labels(t, rps);
    for (int i = 0; i < t->n; i++) rps[i] /= (double)(t->classes - 1);
}

#endif
