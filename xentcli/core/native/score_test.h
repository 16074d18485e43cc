/* The sums of the test of calibration: of rows of two classes with log-odds x = log q_1 / q_0 and p = q_1.
 *
 * The score of an offset is y - p, that of a slope (y - p) x; their variances, if the predictions are right, are v,
 * v x and v x^2 with v = p (1 - p). Rows weigh w in the scores and w^2 in the variances. A prediction that is certain
 * has nothing to add, unless it was wrong: that refutes all.
 */
#ifndef XENT_SCORE_TEST_H
#define XENT_SCORE_TEST_H

#include "exact.h"

#define FAR 800.0                             /* log-odds from which v, and v x^2, are 0 in float64 */

typedef struct { double w[TILE], score[2][TILE], variance[3][TILE]; } TestTile;

/* Add n <= TILE rows to sums [XENT_PLACES][2] and to three sums of products, one after the other. */
static int add_score_test(const double *restrict odds, const uint8_t *restrict positive, const double *restrict weights,
                          int n, int64_t *sums, int64_t *products, int64_t *refuted)
{
    TestTile t;
    double y[TILE];
    int64_t wrong_and_certain = 0;
    for (int i = 0; i < n; i++) y[i] = (double)positive[i];
    if (weights) memcpy(t.w, weights, (size_t)n * sizeof(double));
    for (int i = 0; i < n && !weights; i++) t.w[i] = 1.0;
    for (int i = 0; i < n; i++) {
        double size = magnitude(odds[i]), certain = size < INFINITY ? 0.0 : 1.0, x = certain != 0.0 ? 0.0 : odds[i];
        double likelier = odds[i] > 0.0 ? 1.0 : 0.0, wrong = likelier == y[i] ? 0.0 : 1.0;
        double e = exp_(-size), large = 1.0 / (1.0 + e), small = e / (1.0 + e);
        double far = wrong != 0.0 ? large : small, miss = y[i] != 0.0 ? far : -far;  /* y - p, to its last digit */
        double near = x > FAR ? FAR : x < -FAR ? -FAR : x, v = certain != 0.0 ? 0.0 : small * large;
        miss = (certain != 0.0 ? 0.0 : miss) * t.w[i];
        double pull = miss * x;                           /* certain to rounding, and wrong: of any size */
        t.score[0][i] = miss;
        t.score[1][i] = pull > DBL_MAX ? DBL_MAX : pull < -DBL_MAX ? -DBL_MAX : pull;
        t.variance[0][i] = v;
        t.variance[1][i] = v * near;
        t.variance[2][i] = v * near * near;
        wrong_and_certain += (certain != 0.0) & (wrong != 0.0);
    }
    *refuted += wrong_and_certain;
    const Totals scores = {sums, 2, 0, XENT_PLACES};
    int code = add_tile(t.score[0], n, 0, &scores) | add_tile(t.score[1], n, 1, &scores);
    for (int j = 0; j < 3; j++) {
        const Totals of_j = {products + j * XENT_PLACES * XENT_WEIGHTED_GROUPS, XENT_WEIGHTED_GROUPS, 0, XENT_PLACES};
        code |= weights ? add_weighted_tile(t.variance[j], t.w, n, &of_j)
                        : add_tile(t.variance[j], n, XENT_UNSCALED, &of_j);
    }
    return code;
}

#endif
