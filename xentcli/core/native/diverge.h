/* Row by row: how far one distribution over the classes has moved from another, without labels.
 *
 * P is the prediction of the first block, Q that of the second, each divided by its sum. With u_k = log Q_k - log P_k,
 * e = e^u - 1 and h = (Q - P) / (Q + P) = e / (2 + e):
 *
 *     KL divergence      sum P (e^u - 1 - u) = sum P log(P / Q) - P + Q       no term is below 0
 *     reverse            sum Q (e^-u - 1 + u)
 *     Jensen-Shannon     sum (P + Q) / 4 ((1 - h) log(1 - h) + (1 + h) log(1 + h))
 *     total variation    sum |P - Q| / 2
 *
 * For u near 0 its digits are those of the scores x of P and y of Q: of probabilities log1p((y - x) / x), of logarithms
 * y - x, less what normalizes them. Whatever that is off by is the same for all classes, and sum P (e^u - 1) = 0 tells it.
 */
#ifndef XENT_DIVERGE_H
#define XENT_DIVERGE_H

#include "rows.h"

#define NEAR 0.34657359027997264              /* log 2 / 2: so far exp_rest reaches */
#define HALF_NEAR 0.5                         /* of a ratio less 1: below, log1p of it has more digits than two logs */

enum { XENT_KL, XENT_REVERSE, XENT_JS, XENT_TV, XENT_MAX_DP, XENT_ENTROPY_CHANGE, XENT_SAME_TOP };

/* One score, that of class 1, as two, class 1 at `own`: as logits those of 0 and t, as probabilities 1 - p and p. */
static void expand_column(int64_t kind, int own, Tile *t)
{
    double *one = t->score + own * t->stride, *rest = t->score + (1 - own) * t->stride;
    if (own) memcpy(one, t->score, (size_t)t->n * sizeof(double));
    for (int i = 0; i < t->n; i++) {
        double x = one[i], p = exp_(x), other = kind == XENT_PROBABILITY ? 1.0 - x : 0.0;
        rest[i] = kind == XENT_LOG_PROBABILITY ? log_rest(p, x, -expm1_(x), 1) : other;
    }
}

/* The scores of a tile, class k from column `order[k]`, or from column k. */
static int read_scores(const XentBlock *b, const int64_t *order, int64_t at, Tile *t)
{
    int code = XENT_OK;
    for (int64_t k = 0; k < b->count; k++) {
        double *x = t->score + k * t->stride;
        read_column(b, order && b->count > 1 ? order[k] : k, at, t->n, x);
        code |= check_values(x, t->n, b->kind);
    }
    if (b->count == 1) expand_column(b->kind, order ? order[0] == 0 : 1, t);
    find_tops(t->score, t->stride, t->classes, t->n, t->highest, t->top, t->tied);
    return code;
}

/* Logarithms of the scores: themselves, or in `part`. */
INLINE const double *logarithms_of(const XentBlock *b, const Tile *t)
{
    return b->kind == XENT_PROBABILITY ? t->part : t->score;
}

/* The distribution in `share`, and its entropy; `confidence` gets the logarithm of the highest score. */
INLINE void find_distribution(const XentBlock *b, Tile *t, int probabilities)
{
    const int n = t->n;
    double s[ROWS], sum_d[ROWS];
    for (int i = 0; i < n; i++) {
        t->confidence[i] = probabilities ? log_(t->highest[i]) : t->highest[i];
        s[i] = sum_d[i] = 0.0;
    }
    for (int64_t k = 0; k < t->classes; k++) {
        const double *restrict x = t->score + k * t->stride;
        double *restrict share = t->share + k * t->stride, *restrict part = t->part + k * t->stride;
        for (int i = 0; i < n; i++) {
            double log_x = probabilities ? log_(x[i]) : x[i], distance = log_x - t->confidence[i];
            double d = distance < FLOOR ? FLOOR : distance, e = probabilities ? x[i] / t->highest[i] : exp_(d);
            s[i] += t->top[i] == (double)k ? 0.0 : e;
            sum_d[i] += e * d;
            share[i] = e;
            if (probabilities) part[i] = log_x;
        }
    }
    for (int i = 0; i < n; i++) {
        double whole = 1.0 + s[i], highest = b->kind == XENT_LOG_PROBABILITY ? exp_(t->highest[i]) : t->highest[i];
        t->log1p_s[i] = log1p_(s[i]);
        t->entropy[i] = t->log1p_s[i] - sum_d[i] / whole;
        t->sum[i] = highest * whole;          /* of probabilities as stored */
        s[i] = whole;
    }
    for (int64_t k = 0; k < t->classes; k++) {
        double *restrict share = t->share + k * t->stride;
        for (int i = 0; i < n; i++) share[i] /= s[i];
    }
}

/* log(y / x) of the scores x and y of class k: by their difference, where it has more digits. */
static void find_log_ratios(const XentBlock *of_p, const XentBlock *of_q, const Tile *p, const Tile *q, int64_t k,
                            int own, double *restrict ratio)
{
    const double *restrict x = p->score + k * p->stride, *restrict y = q->score + k * q->stride;
    const double *restrict log_x = logarithms_of(of_p, p) + k * p->stride, *restrict log_y = logarithms_of(of_q, q) + k * q->stride;
    const double *restrict x1 = p->score + own * p->stride, *restrict y1 = q->score + own * q->stride;
    const int rest = own >= 0 && k != own;    /* 1 - p of both: p has the digits */
    for (int i = 0; i < p->n; i++) ratio[i] = log_y[i] - log_x[i];
    if (of_p->kind != of_q->kind || of_p->kind == XENT_LOGIT || (of_p->kind == XENT_LOG_PROBABILITY && !rest)) return;
    const int logarithms = of_p->kind == XENT_LOG_PROBABILITY;
    for (int i = 0; i < p->n; i++) {
        double change = rest ? x1[i] - y1[i] : y[i] - x[i], size = x[i];
        if (logarithms) {
            double p1 = exp_(x1[i]);
            change = -(p1 * expm1_(y1[i] - x1[i]));
            size = -expm1_(x1[i]);
        }
        double r = change / size;
        ratio[i] = magnitude(r) <= HALF_NEAR ? log1p_(r) : ratio[i];
    }
}

/* (1 - h) log(1 - h) + (1 + h) log(1 + h) = sum h^2n / (n (2n - 1)), for |h| up to 0.18: e^NEAR has no more. */
INLINE double entropy_gap(double h)
{
    double z = h * h, p = 1.0 / 231.0;
    p = p * z + 1.0 / 190.0;
    p = p * z + 1.0 / 153.0;
    p = p * z + 1.0 / 120.0;
    p = p * z + 1.0 / 91.0;
    p = p * z + 1.0 / 66.0;
    p = p * z + 1.0 / 45.0;
    p = p * z + 1.0 / 28.0;
    p = p * z + 1.0 / 15.0;
    p = p * z + 1.0 / 6.0;
    return z * (p * z + 1.0);
}

/* Sums over the classes of each row. */
typedef struct { double kl[ROWS], reverse[ROWS], js[ROWS], distance[ROWS], max_dp[ROWS]; } Sums;

/* x log x, 0 at 0. */
INLINE double x_log_x(double x) { return x > 0.0 ? x * log_(x) : 0.0; }

/* Add class k, of which u[i] = log Q - log P is known. */
INLINE void add_class(const double *restrict share_p, const double *restrict share_q, const double *restrict u, int n,
                      Sums *s)
{
    double far = 0.0;
    for (int i = 0; i < n; i++) {
        double p = share_p[i], q = share_q[i], near = magnitude(u[i]) <= NEAR ? u[i] : 0.0, z = near * near;
        double e = near + z * exp_rest(near), dp = magnitude(p * e), inside = magnitude(u[i]) <= NEAR ? 1.0 : 0.0;
        s->kl[i] += p * z * exp_rest(near);
        s->reverse[i] += q * z * exp_rest(-near);
        s->js[i] += p * (2.0 + e) * 0.25 * entropy_gap(e / (2.0 + e));
        s->distance[i] += dp;
        s->max_dp[i] = s->max_dp[i] > dp ? s->max_dp[i] : dp;
        far += 1.0 - inside;
    }
    if (far == 0.0) return;
    for (int i = 0; i < n; i++) {
        double p = share_p[i], q = share_q[i], outside = magnitude(u[i]) <= NEAR ? 0.0 : 1.0, dp = magnitude(q - p);
        double kl = (p > 0.0 ? p * -u[i] : 0.0) - p + q, reverse = (q > 0.0 ? q * u[i] : 0.0) - q + p;
        double mean = (p + q) * 0.5, js = mean > 0.0 ? mean * 0.5 * (x_log_x(p / mean) + x_log_x(q / mean)) : 0.0;
        s->kl[i] += outside > 0.0 && kl > 0.0 ? kl : 0.0;
        s->reverse[i] += outside > 0.0 && reverse > 0.0 ? reverse : 0.0;
        s->js[i] += outside > 0.0 ? js : 0.0;
        dp = outside > 0.0 ? dp : 0.0;
        s->distance[i] += dp;
        s->max_dp[i] = s->max_dp[i] > dp ? s->max_dp[i] : dp;
    }
}

/* u = log Q - log P of class k from log(y / x), but for what all classes of a row have in common. A class that only one
 * of them gives probability 0 makes u infinite. Rows of logits that differ by a large constant go by their distances. */
static void find_u(const double *restrict log_x, const double *restrict log_y, const Tile *p, const Tile *q,
                   const double *restrict ratio, double *restrict u)
{
    for (int i = 0; i < p->n; i++) {
        double top_p = p->confidence[i], top_q = q->confidence[i], top = top_q - top_p;
        double change = magnitude(top) < 1.0 ? ratio[i] - top : (log_y[i] - top_q) - (log_x[i] - top_p);
        change -= q->log1p_s[i] - p->log1p_s[i];
        change = log_y[i] == -INFINITY ? -INFINITY : log_x[i] == -INFINITY ? INFINITY : change;
        u[i] = ((log_x[i] == -INFINITY) & (log_y[i] == -INFINITY)) ? 0.0 : change;
    }
}

/* Add P (e^u - 1) of a class. */
static void add_excess(const double *restrict share_p, const double *restrict share_q, const double *restrict u, int n,
                       double *restrict excess)
{
    for (int i = 0; i < n; i++) {
        double near = magnitude(u[i]) <= NEAR ? u[i] : 0.0, e = near + near * near * exp_rest(near);
        excess[i] += magnitude(u[i]) <= NEAR ? share_p[i] * e : share_q[i] - share_p[i];
    }
}

/* u of all classes, in `target` of Q; whether P or Q is 0 alone makes a sum infinite. */
static void find_changes(const XentBlock *of_p, const XentBlock *of_q, int own, const Tile *p, const Tile *q,
                         double *restrict infinite, double *restrict reverse)
{
    const int n = p->n;
    double ratio[ROWS], excess[ROWS];
    for (int i = 0; i < n; i++) infinite[i] = reverse[i] = excess[i] = 0.0;
    for (int64_t k = 0; k < p->classes; k++) {
        double *restrict u = q->target + k * q->stride;
        find_log_ratios(of_p, of_q, p, q, k, own, ratio);
        find_u(logarithms_of(of_p, p) + k * p->stride, logarithms_of(of_q, q) + k * q->stride, p, q, ratio, u);
        for (int i = 0; i < n; i++) {
            infinite[i] = u[i] == -INFINITY ? INFINITY : infinite[i];
            reverse[i] = u[i] == INFINITY ? INFINITY : reverse[i];
        }
        add_excess(p->share + k * p->stride, q->share + k * q->stride, u, n, excess);
    }
    for (int i = 0; i < n; i++) excess[i] = magnitude(excess[i]) < 1e-9 ? log1p_(excess[i]) : 0.0;
    for (int64_t k = 0; k < p->classes; k++) {
        double *restrict u = q->target + k * q->stride;
        for (int i = 0; i < n; i++) u[i] -= excess[i];
    }
}

/* Fill out[XENT_DIVERGENCES][n], from row `at` on, with what two tiles of distributions differ in. */
static void diverge_tile(const XentBlock *of_p, const XentBlock *of_q, int own, const Tile *p, const Tile *q,
                         int64_t at, double *out)
{
    const int n = p->n;
    double infinite[ROWS], reverse[ROWS];
    Sums s;
    find_changes(of_p, of_q, own, p, q, infinite, reverse);
    for (int i = 0; i < n; i++) s.kl[i] = s.reverse[i] = s.js[i] = s.distance[i] = s.max_dp[i] = 0.0;
    for (int64_t k = 0; k < p->classes; k++)
        add_class(p->share + k * p->stride, q->share + k * q->stride, q->target + k * q->stride, n, &s);
    for (int i = 0; i < n; i++) {
        double *row = out + at + i;
        const int64_t step = of_p->n;
        row[XENT_KL * step] = infinite[i] > 0.0 ? INFINITY : s.kl[i];
        row[XENT_REVERSE * step] = reverse[i] > 0.0 ? INFINITY : s.reverse[i];
        row[XENT_JS * step] = s.js[i];
        row[XENT_TV * step] = s.distance[i] * 0.5;
        row[XENT_MAX_DP * step] = s.max_dp[i];
        row[XENT_ENTROPY_CHANGE * step] = q->entropy[i] - p->entropy[i];
        row[XENT_SAME_TOP * step] = p->top[i] == q->top[i] ? 1.0 : 0.0;
    }
}

/* A tile of one side, read and made a distribution of. */
static int distribution_tile(const XentBlock *b, const int64_t *order, int64_t at, Tile *t)
{
    int code = read_scores(b, order, at, t);
    if (b->kind == XENT_PROBABILITY) find_distribution(b, t, 1);
    else find_distribution(b, t, 0);
    return code | check_sums(b, t);
}

#endif
