/* Row by row: the loss and everything else that is added up, from the scores of a tile.
 *
 * q is the prediction of a row, y its true class, "top" the first class of the highest score. With the other classes'
 * sum s = sum e^(z_k - z_top) of logits z, or s = sum q_k / q_top of probabilities, and d_k = log q_k - log q_top:
 *
 *     loss       l = -log q_y = log1p(s) - d_y           cross-entropy; not log(sum), which loses small losses
 *     entropy    H = -sum q log q = log1p(s) - sum q d   what the prediction expects to lose
 *     variance   V = sum q d^2 - (sum q d)^2             of -log q_Y when Y ~ q
 *     Brier      (1 - q_y)^2 + sum over k != y of q_k^2, halved for two classes
 *
 * Sums over classes are taken in the order of the classes. No score is NaN.
 */
#ifndef XENT_ROWS_H
#define XENT_ROWS_H

#include "tile.h"

/* log q_1 / q_0 of two classes. */
INLINE void find_log_odds(Tile *t, int logarithms)
{
    if (t->columns != 2) return;
    const double *restrict zero = t->score, *restrict one = t->score + t->stride;
    for (int i = 0; i < t->n; i++) t->log_odds[i] = logarithms ? one[i] - zero[i] : log_(one[i]) - log_(zero[i]);
}

/* Several logits a row, or probabilities, or logarithms of these, that are divided by their sum: all is taken beside
 * the top class, so neither a small loss nor a small sum loses digits. */
INLINE void score_beside_top(Tile *t, int kind)
{
    const int probabilities = kind == XENT_PROBABILITY, stored = kind != XENT_LOGIT, n = t->n;
    const double half = t->columns == 2 ? 0.5 : 1.0;
    double s[ROWS], total[ROWS], sum_d[ROWS], sum_d2[ROWS], rest2[ROWS], d_y[ROWS], e_y[ROWS], log_top[ROWS];
    for (int i = 0; i < n; i++) {
        log_top[i] = probabilities ? log_(t->highest[i]) : t->highest[i];
        s[i] = sum_d[i] = sum_d2[i] = rest2[i] = d_y[i] = e_y[i] = 0.0;
        t->sum[i] = stored ? 0.0 : 1.0;
    }
    for (int64_t k = 0; k < t->columns; k++) {
        const double *restrict z = t->score + k * t->stride;
        double *restrict share = t->share + k * t->stride;
        const double class = (double)k;
        for (int i = 0; i < n; i++) {
            double distance = (probabilities ? log_(z[i]) : z[i]) - log_top[i], d = distance < FLOOR ? FLOOR : distance;
            double e = probabilities ? z[i] / t->highest[i] : exp_(d);
            double other = t->top[i] == class ? 0.0 : e, rest = t->label[i] == class ? 0.0 : other;
            if (stored) t->sum[i] += probabilities ? z[i] : exp_(z[i]);
            s[i] += other;
            sum_d[i] += e * d;
            sum_d2[i] += e * d * d;
            rest2[i] += rest * rest;
            d_y[i] = t->label[i] == class ? distance : d_y[i];
            e_y[i] = t->label[i] == class ? e : e_y[i];
            share[i] = e;
        }
    }
    for (int i = 0; i < n; i++) {
        int right = t->top[i] == t->label[i];
        double whole = 1.0 + s[i], q_top = 1.0 / whole, log1p_s = log1p_(s[i]), mean_d = sum_d[i] / whole;
        double spread = sum_d2[i] / whole - mean_d * mean_d;
        double wrong = right ? s[i] / whole : 1.0 - e_y[i] / whole;       /* 1 - q_y */
        double others = (rest2[i] + (right ? 0.0 : 1.0)) * (q_top * q_top);
        t->loss[i] = log1p_s - d_y[i];
        t->confidence[i] = q_top;
        t->entropy[i] = log1p_s - mean_d;
        t->variance[i] = spread > 0.0 ? spread : 0.0;
        t->brier[i] = (wrong * wrong + others) * half;
        t->log1p_s[i] = log1p_s;
        total[i] = whole;
    }
    for (int64_t k = 0; k < t->columns; k++) {
        double *restrict share = t->share + k * t->stride;
        for (int i = 0; i < n; i++) share[i] /= total[i];
    }
    if (t->columns > 2) for (int i = 0; i < n; i++) t->rest_loss[i] = t->log1p_s[i] - log_(s[i]);
    for (int i = 0; i < n; i++) t->log_sum[i] = 0.0;
    if (stored)  /* of a sum that is no normal number from what the top class has of it */
        for (int i = 0; i < n; i++)
            t->log_sum[i] = t->sum[i] < DBL_MIN ? log_top[i] + t->log1p_s[i] : log_(t->sum[i]);
    find_log_odds(t, !probabilities);
}

/* Several probabilities a row, or their logarithms: loss and Brier score from q as it stands, the rest from q / sum q. */
INLINE void score_stored(Tile *t, int logarithms)
{
    const int n = t->n;
    const double half = t->columns == 2 ? 0.5 : 1.0;
    double total[ROWS], below[ROWS], sum_d[ROWS], sum_d2[ROWS], rest2[ROWS], q_y[ROWS], log_y[ROWS], log_top[ROWS];
    for (int i = 0; i < n; i++) {
        log_top[i] = logarithms ? t->highest[i] : log_(t->highest[i]);
        total[i] = below[i] = sum_d[i] = sum_d2[i] = rest2[i] = q_y[i] = log_y[i] = 0.0;
    }
    for (int64_t k = 0; k < t->columns; k++) {
        const double *restrict x = t->score + k * t->stride;
        double *restrict share = t->share + k * t->stride;
        const double class = (double)k;
        for (int i = 0; i < n; i++) {
            double q = logarithms ? exp_(x[i]) : x[i], log_q = logarithms ? x[i] : log_(x[i]);
            double distance = log_q - log_top[i], d = distance < FLOOR ? FLOOR : distance;
            double rest = t->label[i] == class ? 0.0 : q;  /* left out rather than subtracted: digits of good predictions */
            total[i] += q;
            below[i] += t->top[i] == class ? 0.0 : q;
            sum_d[i] += q * d;
            sum_d2[i] += q * d * d;
            rest2[i] += rest * rest;
            q_y[i] = t->label[i] == class ? q : q_y[i];
            log_y[i] = t->label[i] == class ? log_q : log_y[i];
            share[i] = q;
        }
    }
    for (int i = 0; i < n; i++) {
        double whole = total[i], q_top = logarithms ? exp_(t->highest[i]) : t->highest[i], mean_d = sum_d[i] / whole;
        double spread = sum_d2[i] / whole - mean_d * mean_d, wrong = 1.0 - q_y[i];
        t->loss[i] = 0.0 - log_y[i];
        t->confidence[i] = q_top / whole;
        t->entropy[i] = log1p_(below[i] / q_top) - mean_d;
        t->variance[i] = spread > 0.0 ? spread : 0.0;
        t->brier[i] = (wrong * wrong + rest2[i]) * half;
        t->sum[i] = whole;
        t->log_sum[i] = log_(whole);
    }
    for (int64_t k = 0; k < t->columns; k++) {
        double *restrict share = t->share + k * t->stride;
        for (int i = 0; i < n; i++) share[i] /= total[i];
    }
    if (t->columns > 2) for (int i = 0; i < n; i++) t->rest_loss[i] = -log_(below[i]);
    find_log_odds(t, logarithms);
}

/* Rows of one score, that of class 1: `lead` is above 0 where that is the likelier class, and 0 where both are alike. */
INLINE void find_likelier(Tile *t, const double *lead)
{
    for (int i = 0; i < t->n; i++) {
        t->top[i] = lead[i] > 0.0 ? 1.0 : 0.0;
        t->tied[i] = lead[i] == 0.0 ? 1.0 : 0.0;
        t->sum[i] = 1.0;
        t->log_sum[i] = 0.0;
    }
}

/* One logit t of class 1: softplus; e = e^-|t|, and the likelier class has 1 / (1 + e). */
INLINE void score_logit(Tile *t)
{
    const double *restrict x = t->score;
    double *restrict share_0 = t->share, *restrict share_1 = t->share + t->stride;
    for (int i = 0; i < t->n; i++) {
        double size = magnitude(x[i]), e = exp_(-size), whole = 1.0 + e, small = e / whole, large = 1.0 / whole;
        double softplus = log1p_(e), near = size > -FLOOR ? -FLOOR : size;
        double top = x[i] > 0.0 ? 1.0 : 0.0, miss = top == t->label[i] ? small : large;
        t->loss[i] = softplus + (top == t->label[i] ? 0.0 : size);
        t->confidence[i] = large;
        t->entropy[i] = softplus + near * small;
        t->variance[i] = small * large * (near * near);
        t->brier[i] = miss * miss;
        t->log_odds[i] = x[i];
        share_0[i] = x[i] > 0.0 ? small : large;          /* 1 - q has no digits of its own */
        share_1[i] = x[i] > 0.0 ? large : small;
    }
    find_likelier(t, x);
}

/* log(1 - p) from p, or from log p, by whichever form keeps the digits. */
INLINE double log_rest(double p, double log_p, double rest, int logarithms)
{
    double y = log1p_(-p);
    return logarithms ? log_p > -0.6931471805599453 ? log_(rest) : y : y;
}

/* One probability p of class 1, or its logarithm. */
INLINE void score_column(Tile *t, int logarithms)
{
    const double *restrict x = t->score;
    double *restrict share_0 = t->share, *restrict share_1 = t->share + t->stride;
    double lead[ROWS];
    for (int i = 0; i < t->n; i++) {
        share_1[i] = logarithms ? exp_(x[i]) : x[i];
        share_0[i] = logarithms ? -expm1_(x[i]) : 1.0 - x[i];
    }
    for (int i = 0; i < t->n; i++) {
        double p = share_1[i], rest = share_0[i], log_p = logarithms ? x[i] : log_(p);
        double log_other = log_rest(p, log_p, rest, logarithms), miss = t->label[i] == 1.0 ? rest : p;
        double near_p = log_p < FLOOR ? FLOOR : log_p, near_rest = log_other < FLOOR ? FLOOR : log_other;
        double between = near_p - near_rest;
        t->loss[i] = t->label[i] == 1.0 ? -log_p : -log_other;
        t->confidence[i] = p > rest ? p : rest;
        t->entropy[i] = -(p * near_p + rest * near_rest);
        t->variance[i] = p * rest * (between * between);
        t->brier[i] = miss * miss;
        t->log_odds[i] = log_p - log_other;
        lead[i] = p - rest;
    }
    find_likelier(t, lead);
}

/* Whether several scores a row become a prediction by e^z / sum e^z: logits, and what is divided by its sum. */
static int is_softmax(const XentBlock *b) { return b->count > 1 && (b->kind == XENT_LOGIT || b->normalize); }

static void score_tile(const XentBlock *b, Tile *t)
{
    int logarithms = b->kind == XENT_LOG_PROBABILITY;
    if (b->count > 1) find_tops(t->score, t->stride, t->columns, t->n, t->highest, t->top, t->tied);
    if (is_softmax(b)) {
        if (b->kind == XENT_PROBABILITY) score_beside_top(t, XENT_PROBABILITY);
        else if (logarithms) score_beside_top(t, XENT_LOG_PROBABILITY);
        else score_beside_top(t, XENT_LOGIT);
    }
    else if (b->count > 1) { if (logarithms) score_stored(t, 1); else score_stored(t, 0); }
    else if (b->kind == XENT_LOGIT) score_logit(t);
    else if (logarithms) score_column(t, 1);
    else score_column(t, 0);
}

/* Whether sums of probabilities, or the highest logits, are what they have to be. */
static int check_sums(const XentBlock *b, const Tile *t)
{
    uint64_t wrong = 0;
    if (b->count < 2) return XENT_OK;
    if (b->kind == XENT_LOGIT) {
        for (int i = 0; i < t->n; i++) wrong |= (uint64_t)(t->highest[i] == -INFINITY);
        return wrong ? XENT_BROKEN : XENT_OK;
    }
    const double most = b->normalize ? INFINITY : b->tolerance + SUM_SLACK;
    for (int i = 0; i < t->n; i++) wrong |= (uint64_t)(t->sum[i] == 0.0) | (uint64_t)!(magnitude(t->sum[i] - 1.0) <= most);
    return wrong ? XENT_BROKEN : XENT_OK;
}

#endif
