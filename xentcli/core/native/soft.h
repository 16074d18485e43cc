/* What the row loss is made of beside a plain label: clips, the loss of each class, soft labels, label smoothing.
 *
 * With targets t the loss is -sum t log q, with smoothing e that of (1 - e) t + e / K. Two finite logits may lie
 * further apart than float64 reaches; half as far they never do, so half of each class's loss is what is taken.
 */
#ifndef XENT_SOFT_H
#define XENT_SOFT_H

#include "rows.h"

#define VAGUE 650.0                           /* e^-650 still has all its digits */

/* Losses of min(max(q, clip), 1 - clip): in the loss, as -log is monotone, so one rule serves all kinds. Without, -0
 * and a true class that is above 1 to rounding. */
INLINE double clip_loss(double loss, double least, double most)
{
    double low = loss < least ? least : loss, high = low > most ? most : low;
    return high > 0.0 ? high : high == high ? 0.0 : high;
}

/* -(log q_k) / 2 as the row loss takes it, before a clip. */
INLINE void find_half_losses(const XentBlock *b, Tile *t)
{
    const int logarithms = b->kind == XENT_LOG_PROBABILITY, logits = b->kind == XENT_LOGIT;
    if (b->count == 1) {
        const double *restrict x = t->score;
        double *restrict zero = t->part, *restrict one = t->part + t->stride;
        for (int i = 0; i < t->n; i++) {
            double softplus = log1p_(exp_(-magnitude(x[i]))), p = logarithms ? exp_(x[i]) : x[i];
            double of_zero = -log_rest(p, x[i], logarithms ? -expm1_(x[i]) : 1.0 - p, logarithms);
            double of_one = logarithms ? -x[i] : -log_(p);
            zero[i] = 0.5 * (logits ? (x[i] > 0.0 ? x[i] : 0.0) + softplus : of_zero);
            one[i] = 0.5 * (logits ? (x[i] < 0.0 ? -x[i] : 0.0) + softplus : of_one);
        }
        return;
    }
    const int softmax = is_softmax(b), probabilities = b->kind == XENT_PROBABILITY;
    for (int64_t k = 0; k < t->columns; k++) {
        const double *restrict x = t->score + k * t->stride;
        double *restrict half = t->part + k * t->stride;
        for (int i = 0; i < t->n; i++) {
            double z = probabilities ? log_(x[i]) : x[i];
            double top = probabilities ? log_(t->highest[i]) : t->highest[i];
            half[i] = softmax ? top * 0.5 - z * 0.5 + t->log1p_s[i] * 0.5 : z * -0.5;
        }
    }
}

/* Half the loss of each class, as clipped. */
static void find_parts(const XentBlock *b, Tile *t)
{
    find_half_losses(b, t);
    for (int64_t k = 0; k < t->classes; k++) {
        double *restrict half = t->part + k * t->stride;
        for (int i = 0; i < t->n; i++) half[i] = clip_loss(half[i], b->least * 0.5, b->most * 0.5);
    }
}

/* Soft labels, or those of class 1 of two; what is 0 or 1 to rounding is that. Several sum to 1, or are divided by
 * their sum, whatever that is, where rows are normalized: votes. */
static int read_targets(const XentBlock *b, int64_t at, Tile *t)
{
    const int n = t->n, both = b->target_count == 1, votes = b->normalize && !both;
    const double most = votes ? DBL_MAX : 1.0, slack = votes ? INFINITY : TARGET_SLACK;
    double whole[ROWS];
    int wrong = 0, odd = 0;
    for (int i = 0; i < n; i++) whole[i] = 0.0;
    for (int64_t k = 0; k < b->target_count; k++) {
        double *x = t->target + (both ? 1 : k) * t->stride;
        read_values(b->targets[k], b->rows, at, n, x);
        for (int i = 0; i < n; i++) {
            wrong |= !(x[i] >= -EDGE) | !(x[i] <= most + EDGE);
            odd |= (x[i] < 0.0) | (x[i] > most);
            x[i] = x[i] > 0.0 ? x[i] < most ? x[i] : most : 0.0;
            whole[i] += x[i];
        }
    }
    double *zero = t->target, *one = t->target + t->stride;
    for (int i = 0; i < n && both; i++) zero[i] = 1.0 - one[i];
    for (int64_t k = 0; k < b->target_count && !both; k++)
        for (int i = 0; i < n; i++) t->target[k * t->stride + i] /= whole[i];
    for (int i = 0; i < n && !both; i++)
        wrong |= !(magnitude(whole[i] - 1.0) <= slack) | (whole[i] == 0.0) | (whole[i] > DBL_MAX);
    return wrong ? XENT_BROKEN : odd ? XENT_ODD : XENT_OK;
}

/* With label smoothing e, the half loss of each class as that of (1 - e) [class] + e / K. */
static void smooth_parts(const XentBlock *b, Tile *t)
{
    const double e = b->smoothing, other = e / (double)t->classes;
    double even[ROWS];
    for (int i = 0; i < t->n; i++) even[i] = 0.0;
    for (int64_t k = 0; k < t->classes; k++) {
        const double *restrict part = t->part + k * t->stride;
        for (int i = 0; i < t->n; i++) even[i] += part[i] * other;
    }
    for (int64_t k = 0; k < t->classes; k++) {
        double *restrict part = t->part + k * t->stride;
        for (int i = 0; i < t->n; i++) part[i] = part[i] * (1.0 - e) + even[i];
    }
}

/* Rows against distributions, smoothed or not; the losses of the classes are left in `part`. */
static void score_targets(const XentBlock *b, Tile *t)
{
    const int n = t->n, stored = b->count > 1 && b->kind != XENT_LOGIT && !b->normalize;
    const double half = t->classes == 2 ? 0.5 : 1.0, e = b->smoothing, other = e / (double)t->classes;
    double scale[ROWS];
    find_parts(b, t);
    if (e > 0.0) smooth_parts(b, t);
    for (int i = 0; i < n; i++) {
        scale[i] = stored ? exp_(t->log_sum[i]) : 1.0;
        t->loss[i] = t->brier[i] = t->target_entropy[i] = 0.0;
    }
    for (int64_t k = 0; k < t->classes; k++) {
        const double *restrict y = t->target + k * t->stride, *restrict share = t->share + k * t->stride;
        double *restrict part = t->part + k * t->stride;
        for (int i = 0; i < n; i++) {
            double miss = y[i] - share[i] * scale[i], own = y[i] * (1.0 - e) + other;
            part[i] = y[i] > 0.0 ? 2.0 * (y[i] * part[i]) : 0.0;
            t->loss[i] += part[i];
            t->brier[i] += miss * miss;
            t->target_entropy[i] -= own > 0.0 ? own * log_(own) : 0.0;
        }
    }
    for (int i = 0; i < n; i++) t->brier[i] *= half;
}

/* Plain labels, smoothed: the rest of what is known of a row is against the label itself. */
static void score_smoothed(const XentBlock *b, Tile *t)
{
    const double e = b->smoothing, classes = (double)t->classes, other = e / classes, own = 1.0 - e + other;
    const double entropy = -own * log_(own) - (classes - 1.0) * other * log_(other);
    double of_label[ROWS];
    find_parts(b, t);
    for (int i = 0; i < t->n; i++) {
        of_label[i] = t->part[(int64_t)t->label[i] * t->stride + i] * (1.0 - e);
        t->loss[i] = 0.0;
        t->target_entropy[i] = entropy;
    }
    for (int64_t k = 0; k < t->classes; k++) {
        const double *restrict part = t->part + k * t->stride;
        for (int i = 0; i < t->n; i++) t->loss[i] += part[i] * other;
    }
    for (int i = 0; i < t->n; i++) t->loss[i] = 2.0 * (of_label[i] + t->loss[i]);
}

/* log q of each class + a constant of the row, as recalibrations take it: any logits are that already. */
static void find_log_q(const XentBlock *b, Tile *t)
{
    const int clipped = b->least > 0.0 || b->most < INFINITY;
    t->log_q = clipped || b->kind == XENT_PROBABILITY ? t->log_q_room : t->score;
    if (clipped) find_parts(b, t);
    for (int64_t k = 0; k < t->columns && t->log_q != t->score; k++) {
        const double *restrict x = t->score + k * t->stride, *restrict half = t->part + k * t->stride;
        double *restrict log_q = t->log_q + k * t->stride;
        if (clipped) for (int i = 0; i < t->n; i++) log_q[i] = -2.0 * half[i];
        else for (int i = 0; i < t->n; i++) log_q[i] = log_(x[i]);
    }
}

/* Log of what is left beside the top class of row i, however little that is. */
static double log_beside_top(const XentBlock *b, const Tile *t, int i)
{
    const int softmax = is_softmax(b), probabilities = b->kind == XENT_PROBABILITY;
    double top = probabilities ? log_(t->highest[i]) : t->highest[i], highest = -DBL_MAX, rest = 0.0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t k = 0; k < t->columns; k++) {
            double x = t->score[k * t->stride + i], z = probabilities ? log_(x) : x;
            double log_q = softmax ? z - top - t->log1p_s[i] : z;
            if ((double)k == t->top[i]) continue;
            if (pass) rest += exp_(log_q - highest);
            else highest = log_q > highest ? log_q : highest;
        }
    return highest + log_(rest);
}

/* The row loss as clipped, and that of "is the top class right?": no more than the row loses, with a clip even less. */
static void clip_tile(const XentBlock *b, Tile *t)
{
    for (int i = 0; i < t->n; i++) t->loss[i] = clip_loss(t->loss[i], b->least, b->most);
    t->has_top_loss = t->classes > 2;
    if (!t->has_top_loss) return;
    for (int i = 0; i < t->n; i++) {
        double rest = t->rest_loss[i];
        if (t->top[i] != t->label[i] && rest > VAGUE) rest = -log_beside_top(b, t, i);
        rest = rest > 0.0 ? rest : 0.0;
        t->top_loss[i] = t->top[i] != t->label[i] && rest < t->loss[i] ? rest : t->loss[i];
    }
}

#endif
