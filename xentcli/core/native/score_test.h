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

typedef struct { double score[2][TILE], variance[3][TILE]; } TestTile;

/* Add n <= TILE rows with y 0 or 1: two scores from the group `at_score` on, three variances from `at_variance` on. */
static int add_score_test(const double *restrict odds, const double *restrict y, const double *restrict w, int weighted,
                          int n, int64_t at_score, int64_t at_variance, const Totals *totals, int64_t *refuted)
{
    TestTile t;
    int64_t wrong_and_certain = 0;
    for (int i = 0; i < n; i++) {
        double size = magnitude(odds[i]), certain = size < INFINITY ? 0.0 : 1.0, x = certain != 0.0 ? 0.0 : odds[i];
        double likelier = odds[i] > 0.0 ? 1.0 : 0.0, wrong = likelier == y[i] ? 0.0 : 1.0;
        double e = exp_(-size), large = 1.0 / (1.0 + e), small = e / (1.0 + e);
        double far = wrong != 0.0 ? large : small, miss = y[i] != 0.0 ? far : -far;  /* y - p, to its last digit */
        double near = x > FAR ? FAR : x < -FAR ? -FAR : x, v = certain != 0.0 ? 0.0 : small * large;
        miss = (certain != 0.0 ? 0.0 : miss) * w[i];
        double pull = miss * x;                           /* certain to rounding, and wrong: of any size */
        t.score[0][i] = miss;
        t.score[1][i] = pull > DBL_MAX ? DBL_MAX : pull < -DBL_MAX ? -DBL_MAX : pull;
        t.variance[0][i] = v;
        t.variance[1][i] = v * near;
        t.variance[2][i] = v * near * near;
        wrong_and_certain += (certain != 0.0) & (wrong != 0.0);
    }
    *refuted += wrong_and_certain;
    int code = XENT_OK;
    for (int j = 0; j < 2; j++) code |= add_tile(t.score[j], n, at_score + j, totals);
    for (int j = 0; j < 3; j++)
        code |= add_twice(t.variance[j], w, weighted, n, at_variance + j * XENT_WEIGHTED_GROUPS, totals);
    return code;
}

#endif
