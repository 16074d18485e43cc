/* Row by row: the loss and everything else that is added up, from scores [columns][n], class after class.
 *
 * q is the forecast of a row, y its true class, "top" the first class of the highest score. With the other classes'
 * sum s = sum e^(z_k - z_top) of logits z, or s = sum q_k / q_top of probabilities, and d_k = log q_k - log q_top:
 *
 *     loss       l = -log q_y = log1p(s) - d_y           cross-entropy; not log(sum), which loses small losses
 *     entropy    H = -sum q log q = log1p(s) - sum q d   what the forecast expects to lose
 *     variance   V = sum q d^2 - (sum q d)^2             of -log q_Y when Y ~ q
 *     Brier      (1 - q_y)^2 + sum over k != y of q_k^2, halved for two classes
 *
 * Sums over classes are taken in the order of the classes. No score is NaN, no row is without a finite highest one.
 */
#ifndef XENT_ROWS_H
#define XENT_ROWS_H

#include "maths.h"
#include "xent.h"

enum {
    ROWS = XENT_TILE_ROWS,                          /* rows scored at once: what is known of them stays in the first cache */
    MOST_CELLS = 1 << 15                      /* rows times classes scored at once: these stay in the second */
};
#define FLOOR -1e4                            /* e^FLOOR is 0; stands in for log 0 wherever it is multiplied by that 0 */

/* What is known of a tile of rows once every class has been looked at; classes as float64, to be compared in SIMD. */
typedef struct { double highest[ROWS], top[ROWS], tied[ROWS], label[ROWS]; } Tops;

/* What is found of it; written out at the end, as compilers make SIMD of loops over arrays that they know to differ. */
typedef struct { double loss[ROWS], confidence[ROWS], entropy[ROWS], variance[ROWS], brier[ROWS]; } Found;

INLINE void write_found(const XentRows *r, int64_t at, int n, const Found *f)
{
    size_t size = (size_t)n * sizeof(double);
    memcpy(r->loss + at, f->loss, size);
    memcpy(r->confidence + at, f->confidence, size);
    memcpy(r->entropy + at, f->entropy, size);
    memcpy(r->variance + at, f->variance, size);
    memcpy(r->brier + at, f->brier, size);
}

INLINE void find_tops(const double *scores, int64_t stride, int64_t columns, int n, Tops *t)
{
    for (int i = 0; i < n; i++) {
        t->highest[i] = scores[i];
        t->top[i] = t->tied[i] = 0.0;
    }
    for (int64_t k = 1; k < columns; k++) {
        const double *restrict z = scores + k * stride;
        const double class = (double)k;
        for (int i = 0; i < n; i++) {
            double x = z[i], highest = t->highest[i];
            t->tied[i] = x > highest ? 0.0 : x == highest ? 1.0 : t->tied[i];
            t->top[i] = x > highest ? class : t->top[i];
            t->highest[i] = x > highest ? x : highest;
        }
    }
}

/* Likewise, and the labels. */
INLINE void find_classes(const XentRows *r, int64_t at, int n, Tops *t)
{
    for (int i = 0; i < n; i++) t->label[i] = (double)(int32_t)r->labels[at + i];
    find_tops(r->scores + at, r->n, r->columns, n, t);
}

INLINE void write_tops(const XentRows *r, int64_t at, int n, const Tops *t)
{
    for (int i = 0; i < n; i++) r->top[at + i] = (int32_t)t->top[i];
    for (int i = 0; i < n; i++) r->tied[at + i] = t->tied[i] != 0.0;
}

/* log q_1 / q_0 of two classes. */
INLINE void write_log_odds(const XentRows *r, int64_t at, int n, int logarithms)
{
    if (r->columns != 2) return;
    const double *restrict zero = r->scores + at, *restrict one = r->scores + r->n + at;
    double *restrict log_odds = r->log_odds + at;
    for (int i = 0; i < n; i++)
        log_odds[i] = logarithms ? one[i] - zero[i] : log_(one[i]) - log_(zero[i]);
}

/* log1p(s) of several logits a row, and the highest: their difference is log q of it. */
INLINE void sum_exponentials(const double *scores, int64_t stride, int64_t columns, int n, double *highest, double *log1p_s)
{
    Tops t;
    double s[ROWS];
    find_tops(scores, stride, columns, n, &t);
    for (int i = 0; i < n; i++) s[i] = 0.0;
    for (int64_t k = 0; k < columns; k++) {
        const double *restrict z = scores + k * stride;
        const double class = (double)k;
        for (int i = 0; i < n; i++) {
            double d = z[i] - t.highest[i], e = exp_(d < FLOOR ? FLOOR : d);
            s[i] += t.top[i] == class ? 0.0 : e;
        }
    }
    memcpy(highest, t.highest, (size_t)n * sizeof(double));
    for (int i = 0; i < n; i++) log1p_s[i] = log1p_(s[i]);
}

/* Several logits a row, or probabilities, or logarithms of these, that are divided by their sum: all is taken beside
 * the top class, so neither a small loss nor a small sum loses digits. */
INLINE void score_beside_top(const XentRows *r, int64_t at, int n, int kind)
{
    Tops t;
    Found f;
    const int probabilities = kind == XENT_PROBABILITY, stored = kind != XENT_LOGIT;
    const double half = r->columns == 2 ? 0.5 : 1.0;
    double s[ROWS], total[ROWS], sum[ROWS], sum_d[ROWS], sum_d2[ROWS], rest2[ROWS], d_y[ROWS], e_y[ROWS], log_top[ROWS];
    find_classes(r, at, n, &t);
    for (int i = 0; i < n; i++) {
        log_top[i] = probabilities ? log_(t.highest[i]) : t.highest[i];
        s[i] = sum[i] = sum_d[i] = sum_d2[i] = rest2[i] = d_y[i] = e_y[i] = 0.0;
    }
    for (int64_t k = 0; k < r->columns; k++) {
        const double *restrict z = r->scores + k * r->n + at;
        double *restrict share = r->shares + k * r->n + at;
        const double class = (double)k;
        for (int i = 0; i < n; i++) {
            double distance = (probabilities ? log_(z[i]) : z[i]) - log_top[i], d = distance < FLOOR ? FLOOR : distance;
            double e = probabilities ? z[i] / t.highest[i] : exp_(d);
            double other = t.top[i] == class ? 0.0 : e, rest = t.label[i] == class ? 0.0 : other;
            if (stored) sum[i] += probabilities ? z[i] : exp_(z[i]);
            s[i] += other;
            sum_d[i] += e * d;
            sum_d2[i] += e * d * d;
            rest2[i] += rest * rest;
            d_y[i] = t.label[i] == class ? distance : d_y[i];
            e_y[i] = t.label[i] == class ? e : e_y[i];
            share[i] = e;
        }
    }
    for (int i = 0; i < n; i++) {
        int right = t.top[i] == t.label[i];
        double whole = 1.0 + s[i], q_top = 1.0 / whole, log1p_s = log1p_(s[i]), mean_d = sum_d[i] / whole;
        double spread = sum_d2[i] / whole - mean_d * mean_d;
        double wrong = right ? s[i] / whole : 1.0 - e_y[i] / whole;       /* 1 - q_y */
        double others = (rest2[i] + (right ? 0.0 : 1.0)) * (q_top * q_top);
        f.loss[i] = log1p_s - d_y[i];
        f.confidence[i] = q_top;
        f.entropy[i] = log1p_s - mean_d;
        f.variance[i] = spread > 0.0 ? spread : 0.0;
        f.brier[i] = (wrong * wrong + others) * half;
        total[i] = whole;
    }
    for (int64_t k = 0; k < r->columns; k++) {
        double *restrict share = r->shares + k * r->n + at;
        for (int i = 0; i < n; i++) share[i] /= total[i];
    }
    if (r->rest_loss) for (int i = 0; i < n; i++) r->rest_loss[at + i] = log1p_(s[i]) - log_(s[i]);
    if (stored)  /* of a sum that is no normal number from what the top class has of it */
        for (int i = 0; i < n; i++)
            r->log_sum[at + i] = sum[i] < DBL_MIN ? log_top[i] + log1p_(s[i]) : log_(sum[i]);
    write_found(r, at, n, &f);
    write_tops(r, at, n, &t);
    write_log_odds(r, at, n, !probabilities);
}

/* Several probabilities a row, or their logarithms: loss and Brier score from q as it stands, the rest from q / sum q. */
INLINE void score_stored(const XentRows *r, int64_t at, int n, int logarithms)
{
    Tops t;
    Found f;
    const double half = r->columns == 2 ? 0.5 : 1.0;
    double total[ROWS], below[ROWS], sum_d[ROWS], sum_d2[ROWS], rest2[ROWS], q_y[ROWS], log_y[ROWS], log_top[ROWS];
    find_classes(r, at, n, &t);
    for (int i = 0; i < n; i++) {
        log_top[i] = logarithms ? t.highest[i] : log_(t.highest[i]);
        total[i] = below[i] = sum_d[i] = sum_d2[i] = rest2[i] = q_y[i] = log_y[i] = 0.0;
    }
    for (int64_t k = 0; k < r->columns; k++) {
        const double *restrict x = r->scores + k * r->n + at;
        double *restrict share = r->shares + k * r->n + at;
        const double class = (double)k;
        for (int i = 0; i < n; i++) {
            double q = logarithms ? exp_(x[i]) : x[i], log_q = logarithms ? x[i] : log_(x[i]);
            double distance = log_q - log_top[i], d = distance < FLOOR ? FLOOR : distance;
            double rest = t.label[i] == class ? 0.0 : q;  /* left out rather than subtracted: digits of good forecasts */
            total[i] += q;
            below[i] += t.top[i] == class ? 0.0 : q;
            sum_d[i] += q * d;
            sum_d2[i] += q * d * d;
            rest2[i] += rest * rest;
            q_y[i] = t.label[i] == class ? q : q_y[i];
            log_y[i] = t.label[i] == class ? log_q : log_y[i];
            share[i] = q;
        }
    }
    for (int i = 0; i < n; i++) {
        double whole = total[i], q_top = logarithms ? exp_(t.highest[i]) : t.highest[i], mean_d = sum_d[i] / whole;
        double spread = sum_d2[i] / whole - mean_d * mean_d, wrong = 1.0 - q_y[i];
        f.loss[i] = 0.0 - log_y[i];
        f.confidence[i] = q_top / whole;
        f.entropy[i] = log1p_(below[i] / q_top) - mean_d;
        f.variance[i] = spread > 0.0 ? spread : 0.0;
        f.brier[i] = (wrong * wrong + rest2[i]) * half;
        r->log_sum[at + i] = log_(whole);
    }
    for (int64_t k = 0; k < r->columns; k++) {
        double *restrict share = r->shares + k * r->n + at;
        for (int i = 0; i < n; i++) share[i] /= total[i];
    }
    if (r->rest_loss) for (int i = 0; i < n; i++) r->rest_loss[at + i] = -log_(below[i]);
    write_found(r, at, n, &f);
    write_tops(r, at, n, &t);
    write_log_odds(r, at, n, logarithms);
}

/* Rows of one score, that of class 1: `lead` is above 0 where that is the likelier class, and 0 where both are alike. */
typedef struct { double x[ROWS], y[ROWS], share_0[ROWS], share_1[ROWS], lead[ROWS], log_odds[ROWS]; } Column;

INLINE void read_column(const XentRows *r, int64_t at, int n, Column *c)
{
    for (int i = 0; i < n; i++) c->y[i] = (double)(int32_t)r->labels[at + i];
    memcpy(c->x, r->scores + at, (size_t)n * sizeof(double));
}

INLINE void write_column(const XentRows *r, int64_t at, int n, const Column *c, int both)
{
    size_t size = (size_t)n * sizeof(double);
    if (both) memcpy(r->shares + at, c->share_0, size);
    memcpy(r->shares + (both ? r->n : 0) + at, c->share_1, size);
    memcpy(r->log_odds + at, c->log_odds, size);
    for (int i = 0; i < n; i++) r->top[at + i] = c->lead[i] > 0.0;
    for (int i = 0; i < n; i++) r->tied[at + i] = c->lead[i] == 0.0;
}

/* One logit t of class 1: softplus; e = e^-|t|, and the likelier class has 1 / (1 + e). */
INLINE void score_logit(const XentRows *r, int64_t at, int n)
{
    Column c;
    Found f;
    read_column(r, at, n, &c);
    for (int i = 0; i < n; i++) {
        double t = c.x[i], size = magnitude(t), e = exp_(-size), whole = 1.0 + e, small = e / whole, large = 1.0 / whole;
        double softplus = log1p_(e), near = size > -FLOOR ? -FLOOR : size;
        double top = t > 0.0 ? 1.0 : 0.0, miss = top == c.y[i] ? small : large;
        f.loss[i] = softplus + (top == c.y[i] ? 0.0 : size);
        f.confidence[i] = large;
        f.entropy[i] = softplus + near * small;
        f.variance[i] = small * large * (near * near);
        f.brier[i] = miss * miss;
        c.lead[i] = c.log_odds[i] = t;
        c.share_0[i] = t > 0.0 ? small : large;           /* 1 - q has no digits of its own */
        c.share_1[i] = t > 0.0 ? large : small;
    }
    write_found(r, at, n, &f);
    write_column(r, at, n, &c, 1);
}

/* One probability p of class 1, or its logarithm. */
INLINE void score_column(const XentRows *r, int64_t at, int n, int logarithms)
{
    Column c;
    Found f;
    read_column(r, at, n, &c);
    for (int i = 0; i < n; i++) {
        c.share_1[i] = logarithms ? exp_(c.x[i]) : c.x[i];
        c.share_0[i] = logarithms ? -expm1_(c.x[i]) : 1.0 - c.x[i];
    }
    for (int i = 0; i < n; i++) {
        double p = c.share_1[i], rest = c.share_0[i], log_p = logarithms ? c.x[i] : log_(p), log_rest = log1p_(-p);
        if (logarithms) log_rest = log_p > -0.6931471805599453 ? log_(rest) : log_rest;   /* which keeps the digits */
        double near_p = log_p < FLOOR ? FLOOR : log_p, near_rest = log_rest < FLOOR ? FLOOR : log_rest;
        double between = near_p - near_rest, miss = c.y[i] == 1.0 ? rest : p;
        f.loss[i] = c.y[i] == 1.0 ? -log_p : -log_rest;
        f.confidence[i] = p > rest ? p : rest;
        f.entropy[i] = -(p * near_p + rest * near_rest);
        f.variance[i] = p * rest * (between * between);
        f.brier[i] = miss * miss;
        c.lead[i] = p - rest;
        c.log_odds[i] = log_p - log_rest;
    }
    write_found(r, at, n, &f);
    write_column(r, at, n, &c, logarithms);
}

#endif
