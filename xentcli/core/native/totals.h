/* What a tile of rows adds: exact sums, counts, and a grid of losses, each at its place.
 *
 * w are weights, l losses (0 where infinite: such rows are counted apart), q shares, y the true class. Of rows without
 * weights, sums of weights are counts, which Python fills in; so are what can be told from confusions and pairs.
 */
#ifndef XENT_TOTALS_H
#define XENT_TOTALS_H

#include "exact.h"
#include "kept.h"
#include "odds.h"
#include "ranks.h"
#include "score_test.h"
#include "soft.h"

enum { BINS = 15 };                           /* of confidence */
enum { PLACES_FROM_TOP = 3 };                 /* of the label among the classes, the likeliest first: 1-2, 3, 4-5 */

/* Groups of `digits`, in the order of core/layout.py. */
enum {
    WEIGHT, LOSS, INFINITE_WEIGHT, TARGET_ENTROPY, SIZES, ENTROPY, LOG_SUM, BRIER, TOP_LOSS, RPS, TEST_SCORES,
    LOSS_SQUARES = TEST_SCORES + 2,           /* of w l; then products of XENT_PRODUCT_GROUPS groups each */
    LOSS_CROSS = LOSS_SQUARES + XENT_PRODUCT_GROUPS,           /* w l w */
    LOSS_WEIGHTS = LOSS_CROSS + XENT_PRODUCT_GROUPS,           /* w w of finite losses */
    BRIER_SQUARES = LOSS_WEIGHTS + XENT_PRODUCT_GROUPS,
    BRIER_CROSS = BRIER_SQUARES + XENT_PRODUCT_GROUPS,
    BRIER_WEIGHTS = BRIER_CROSS + XENT_PRODUCT_GROUPS,
    RPS_SQUARES = BRIER_WEIGHTS + XENT_PRODUCT_GROUPS,
    RPS_CROSS = RPS_SQUARES + XENT_PRODUCT_GROUPS,
    RPS_WEIGHTS = RPS_CROSS + XENT_PRODUCT_GROUPS,
    VARIANCE = RPS_WEIGHTS + XENT_PRODUCT_GROUPS,            /* w^2 V; then of XENT_WEIGHTED_GROUPS groups each */
    TEST_VARIANCES = VARIANCE + XENT_WEIGHTED_GROUPS,
    BIN_WEIGHT = TEST_VARIANCES + 3 * XENT_WEIGHTED_GROUPS,    /* by bin of confidence */
    BIN_HITS = BIN_WEIGHT + BINS,
    BIN_CONFIDENCE = BIN_HITS + BINS,
    PLACE_WEIGHT = BIN_CONFIDENCE + BINS,     /* by place of the label */
    BY_CLASS = PLACE_WEIGHT + PLACES_FROM_TOP /* then as many as there are classes each */
};
enum { LABEL_WEIGHT, AMOUNT, TOP_WEIGHT, HIT_WEIGHT, CLASS_LOSS, SHARES, CLASS_SUMS };

/* Numbers of `counts`, likewise: rows of finite loss, and so on; of bins twice, in pairs of wrong and right. */
enum {
    FINITE_ROWS, INFINITE_ROWS, TIES, TOP_INFINITE, REFUTED, ZERO_WEIGHT, SKIPPED, IGNORED,    /* the last three: Python's */
    BIN_ROWS, PLACE_ROWS = BIN_ROWS + 2 * BINS, COUNTS_BY_CLASS = PLACE_ROWS + PLACES_FROM_TOP
};
enum { LABEL_ROWS, INFINITE_LABELS, TOP_ROWS, HIT_ROWS, CLASS_COUNTS };        /* then confusions, if pairs are told apart */

static int64_t count_groups(int64_t classes) { return BY_CLASS + CLASS_SUMS * classes; }
static int tells_pairs(int64_t classes) { return classes <= XENT_MOST_PAIRS; }
static int64_t count_numbers(int64_t classes)
{
    return COUNTS_BY_CLASS + CLASS_COUNTS * classes + (tells_pairs(classes) ? classes * classes : 0);
}

/* Values of a tile with their weights: l is 0, and w too, where a loss is infinite. */
typedef struct {
    int n, weighted;
    int finite;                               /* rows of finite loss */
    double w[ROWS], loss[ROWS], weighted_loss[ROWS];
} Losses;

static int add_times(const double *restrict x, const double *restrict w, int weighted, int n, int64_t group,
                     const Totals *t)
{
    double v[ROWS];
    if (weighted) for (int i = 0; i < n; i++) v[i] = x[i] * w[i];
    else memcpy(v, x, (size_t)n * sizeof(double));
    return add_tile(v, n, group, t);
}

static void find_losses(const XentBlock *b, const Tile *t, Losses *l)
{
    int64_t finite = 0;
    l->n = t->n;
    l->weighted = b->weights != NULL;
    for (int i = 0; i < t->n; i++) {
        int is_finite = t->loss[i] < INFINITY;
        l->loss[i] = is_finite ? t->loss[i] : 0.0;
        l->w[i] = is_finite ? t->weight[i] : 0.0;
        l->weighted_loss[i] = l->loss[i] * t->weight[i];
        finite += is_finite;
    }
    l->finite = (int)finite;
}

/* Weights so large, or so small, that float64 cannot hold what they are multiplied with. */
static int check_weights(const Tile *t, const Losses *l)
{
    uint64_t wrong = 0;
    for (int i = 0; i < t->n && l->weighted; i++) {
        double w = t->weight[i], top = t->has_top_loss && t->top_loss[i] < INFINITY ? t->top_loss[i] : 0.0;
        wrong |= (uint64_t)!(w * w < INFINITY) | (uint64_t)!(l->weighted_loss[i] < INFINITY) | (uint64_t)!(w * top < INFINITY);
        wrong |= (uint64_t)!(w >= 0x1p-1000);
    }
    return wrong ? XENT_BROKEN : XENT_OK;
}

/* Of x: sum w x, sum (w x)^2, and with weights sum (w x) w and sum w^2. */
static int add_moments(const double *x, const double *w, int weighted, int n, int64_t sum, int64_t squares, const Totals *t)
{
    double weighted_x[ROWS], spent[ROWS];
    const double *v = x;
    if (n < 1) return XENT_OK;
    if (weighted) {
        for (int i = 0; i < n; i++) weighted_x[i] = x[i] * w[i];
        v = weighted_x;
    }
    memcpy(spent, v, (size_t)n * sizeof(double));
    int code = add_tile(spent, n, sum, t) | add_products_tile(v, v, n, squares, t);
    if (!weighted) return code;
    code |= add_products_tile(v, w, n, squares + XENT_PRODUCT_GROUPS, t);
    return code | add_products_tile(w, w, n, squares + 2 * XENT_PRODUCT_GROUPS, t);
}

/* 512 equal parts of each octave from 2^-80 to 2^48; smaller losses share the first cell, larger ones the last. */
static void add_cells(const Tile *t, const XentTotals *s)
{
    int64_t cell[ROWS], first = s->cell_span[0], last = s->cell_span[1];
    for (int i = 0; i < t->n; i++) {
        int64_t at = (int64_t)(bits_of(t->loss[i]) >> 43) - ((int64_t)(1023 - 80) << 9);
        cell[i] = at < 0 ? 0 : at >= XENT_CELLS ? XENT_CELLS - 1 : at;
    }
    for (int i = 0; i < t->n; i++) {
        if (!(t->loss[i] < INFINITY)) continue;
        int64_t at = cell[i];
        s->cell_rows[at]++;
        s->cell_largest[at] = t->loss[i] > s->cell_largest[at] ? t->loss[i] : s->cell_largest[at];
        first = at < first ? at : first;
        last = at > last ? at : last;
    }
    s->cell_span[0] = first;
    s->cell_span[1] = last;
}

static int add_losses(const XentBlock *b, int64_t at, const Tile *t, const Losses *l, const XentTotals *s, const Totals *to)
{
    const int n = t->n;
    int code = add_moments(l->loss, l->w, l->weighted, n, LOSS, LOSS_SQUARES, to);
    s->counts[FINITE_ROWS] += l->finite;
    s->counts[INFINITE_ROWS] += n - l->finite;
    if (l->weighted) {
        double w[ROWS];
        for (int i = 0; i < n; i++) w[i] = t->weight[i] - l->w[i];
        code |= add_tile(w, n, INFINITE_WEIGHT, to);
        memcpy(w, l->w, (size_t)n * sizeof(double));
        code |= add_tile(w, n, WEIGHT, to);
    }
    else add_cells(t, s);
    if (b->targets || (b->smoothing > 0.0 && t->classes))
        code |= add_times(t->target_entropy, t->weight, l->weighted, n, TARGET_ENTROPY, to);
    if (b->sizes) {
        double sizes[ROWS];
        read_values(b->sizes, b->rows, at, n, sizes);
        code |= add_times(sizes, t->weight, l->weighted, n, SIZES, to);
    }
    return code;
}

/* By true class and by top class, and by bin of confidence. */
static int add_labels(const Tile *t, const Losses *l, const XentTotals *s, const Totals *to)
{
    const int n = t->n, pairs = tells_pairs(t->classes);
    const int64_t classes = t->classes, by_class = BY_CLASS, none = COUNTS_BY_CLASS;
    int64_t label[ROWS], top[ROWS], pair[ROWS], bin[ROWS];
    double v[ROWS];
    for (int i = 0; i < n; i++) {
        int at = (int)(t->confidence[i] * BINS);
        label[i] = (int32_t)t->label[i];
        top[i] = (int32_t)t->top[i];
        bin[i] = at < BINS - 1 ? at : BINS - 1;
        pair[i] = label[i] * classes + top[i];
    }
    for (int i = 0; i < n; i++) s->counts[BIN_ROWS + 2 * bin[i] + (label[i] == top[i])]++;
    memcpy(v, l->weighted_loss, (size_t)n * sizeof(double));
    int code;
    if (pairs) {
        const Totals by_pair = {s->pair_digits, classes * classes, 0, XENT_PLACES};
        int64_t *confusions = s->counts + none + CLASS_COUNTS * classes;
        for (int i = 0; i < n; i++) confusions[pair[i]]++;
        for (int i = 0; i < n && l->finite < n; i++) s->pair_infinite[pair[i]] += !(t->loss[i] < INFINITY);
        code = add_tile_by(v, pair, n, &by_pair);
    }
    else {
        for (int i = 0; i < n; i++) {
            s->counts[none + LABEL_ROWS * classes + label[i]]++;
            s->counts[none + INFINITE_LABELS * classes + label[i]] += !(t->loss[i] < INFINITY);
            s->counts[none + TOP_ROWS * classes + top[i]]++;
            s->counts[none + HIT_ROWS * classes + label[i]] += label[i] == top[i];
        }
        for (int i = 0; i < n; i++) pair[i] = by_class + CLASS_LOSS * classes + label[i];
        code = add_tile_by(v, pair, n, to);
    }
    int64_t group[ROWS];
    for (int i = 0; i < n; i++) group[i] = BIN_CONFIDENCE + bin[i];
    for (int i = 0; i < n; i++) v[i] = t->confidence[i] * t->weight[i];
    code |= add_tile_by(v, group, n, to);
    if (!l->weighted) return code;
    double hit[ROWS];
    for (int i = 0; i < n; i++) hit[i] = label[i] == top[i] ? t->weight[i] : 0.0;
    const struct { const double *w; const int64_t *of; int64_t at; } sums[] = {
        {t->weight, label, by_class + LABEL_WEIGHT * classes}, {t->weight, top, by_class + TOP_WEIGHT * classes},
        {hit, label, by_class + HIT_WEIGHT * classes}, {t->weight, bin, BIN_WEIGHT}, {hit, bin, BIN_HITS},
    };
    for (size_t j = 0; j < sizeof sums / sizeof *sums; j++) {
        for (int i = 0; i < n; i++) group[i] = sums[j].at + sums[j].of[i];
        memcpy(v, sums[j].w, (size_t)n * sizeof(double));
        code |= add_tile_by(v, group, n, to);
    }
    return code;
}

/* Of three classes or more, where the label stands: in the first two places, the third, the next two. */
static int add_places(const Tile *t, int weighted, const XentTotals *s, const Totals *to)
{
    double above[ROWS], v[ROWS];
    int64_t rows[PLACES_FROM_TOP] = {0}, group[ROWS];
    count_above(t, above);
    for (int i = 0; i < t->n; i++) {
        rows[0] += above[i] < 2.0;
        rows[1] += above[i] == 2.0;
        rows[2] += (above[i] > 2.0) & (above[i] < 5.0);
    }
    for (int j = 0; j < PLACES_FROM_TOP; j++) s->counts[PLACE_ROWS + j] += rows[j];
    if (!weighted) return XENT_OK;
    for (int i = 0; i < t->n; i++) {
        group[i] = PLACE_WEIGHT + (above[i] < 2.0 ? 0 : above[i] == 2.0 ? 1 : 2);
        v[i] = above[i] < 5.0 ? t->weight[i] : 0.0;
    }
    return add_tile_by(v, group, t->n, to);
}

/* By class with weights w t_k, of soft labels. */
static int add_targets(const Tile *t, const Losses *l, const XentTotals *s, const Totals *to)
{
    const int n = t->n;
    const int64_t classes = t->classes, by_class = BY_CLASS;
    int64_t *counts = s->counts + COUNTS_BY_CLASS, group[ROWS];
    double v[ROWS];
    int code = XENT_OK;
    for (int64_t k = 0; k < classes; k++) {
        const double *y = t->target + k * t->stride, *part = t->part + k * t->stride;
        const double class = (double)k;
        for (int i = 0; i < n; i++) {
            counts[LABEL_ROWS * classes + k] += y[i] > 0.0;
            counts[INFINITE_LABELS * classes + k] += !(part[i] < INFINITY);
            counts[HIT_ROWS * classes + k] += y[i] > 0.0 && t->top[i] == class;
        }
        memcpy(v, y, (size_t)n * sizeof(double));
        code |= add_tile(v, n, by_class + AMOUNT * classes + k, to);
        code |= add_times(y, t->weight, l->weighted, n, by_class + LABEL_WEIGHT * classes + k, to);
        for (int i = 0; i < n; i++) v[i] = t->top[i] == class ? y[i] * t->weight[i] : 0.0;
        code |= add_tile(v, n, by_class + HIT_WEIGHT * classes + k, to);
        for (int i = 0; i < n; i++) v[i] = t->loss[i] < INFINITY ? part[i] * t->weight[i] : 0.0;
        code |= add_tile(v, n, by_class + CLASS_LOSS * classes + k, to);
    }
    for (int i = 0; i < n; i++) {
        counts[TOP_ROWS * classes + (int32_t)t->top[i]]++;
        group[i] = by_class + TOP_WEIGHT * classes + (int32_t)t->top[i];
        v[i] = t->weight[i];
    }
    return l->weighted ? code | add_tile_by(v, group, n, to) : code;
}

/* Log-odds and kept rows, which take all of a tile or, if that is XENT_FULL, none. */
static int add_large(const XentBlock *b, int64_t at, const Tile *t, const XentTotals *s)
{
    if (s->odds) {
        const double *positive = b->targets ? t->target + t->stride : t->label;
        return s->odds->words == XENT_COUNT_WORDS ? add_odds(s->odds, t->log_odds, positive, t->n)
                                                  : add_weighted_odds(s->odds, t->log_odds, positive, t->weight, t->n);
    }
    if (!s->kept) return XENT_OK;
    uint64_t keys[ROWS];
    int64_t numbers[ROWS];
    for (int i = 0; i < t->n; i++) numbers[i] = b->numbers[b->rows ? b->rows[at + i] : at + i];
    row_keys(b->start, numbers, 0, t->n, keys);
    const Offer offer = {t->log_q, t->stride, b->targets ? NULL : t->label, b->targets ? t->target : NULL,
                         b->weights ? t->weight : NULL, t->loss, keys};
    return keep_rows(s->kept, &offer, t->n);
}

/* What the breakdown takes beside these: the test of calibration, and the losses of the top class. */
static int add_breakdown(const XentBlock *b, const Tile *t, const Losses *l, const XentTotals *s, const Totals *to)
{
    if (b->targets) return XENT_OK;
    if (t->classes == 2)
        return add_score_test(t->log_odds, t->label, t->weight, l->weighted, t->n, TEST_SCORES, TEST_VARIANCES, to,
                              s->counts + REFUTED);
    if (!t->has_top_loss) return XENT_OK;
    double v[ROWS];
    for (int i = 0; i < t->n; i++) {
        s->counts[TOP_INFINITE] += !(t->top_loss[i] < INFINITY);
        v[i] = t->top_loss[i] < INFINITY ? t->top_loss[i] * t->weight[i] : 0.0;
    }
    return add_tile(v, t->n, TOP_LOSS, to);
}

/* All that a tile adds; XENT_FULL, and nothing has been added, if there is no room for it. */
static int add_tile_to(const XentBlock *b, int64_t at, Tile *t, const XentTotals *s)
{
    const Totals to = {s->digits, s->groups, 0, XENT_PLACES};
    Losses l;
    find_losses(b, t, &l);
    int code = check_weights(t, &l);
    if (!code) code = add_large(b, at, t, s);
    if (code) return code;
    if (l.finite < t->n) code |= XENT_ODD;
    code |= add_losses(b, at, t, &l, s, &to);
    if (!t->classes) return code;
    const int n = t->n, weighted = l.weighted;
    for (int i = 0; i < n; i++) s->counts[TIES] += t->tied[i] != 0.0;
    code |= add_moments(t->brier, t->weight, weighted, n, BRIER, BRIER_SQUARES, &to);
    code |= add_times(t->entropy, t->weight, weighted, n, ENTROPY, &to);
    if (b->count > 1 && b->kind != XENT_LOGIT) code |= add_times(t->log_sum, t->weight, weighted, n, LOG_SUM, &to);
    const int64_t first = b->count == 1 && b->kind == XENT_PROBABILITY;        /* class 0 has what class 1 leaves */
    for (int64_t k = first; k < t->classes; k++)
        code |= add_times(t->share + k * t->stride, t->weight, weighted, n, BY_CLASS + SHARES * t->classes + k, &to);
    code |= b->targets ? add_targets(t, &l, s, &to) : add_labels(t, &l, s, &to);
    if (!b->targets && t->classes > 2) code |= add_places(t, weighted, s, &to);
    if (b->ordinal) {
        double rps[ROWS];
        find_rps(t, b->targets != NULL, rps);
        code |= add_moments(rps, t->weight, weighted, n, RPS, RPS_SQUARES, &to);
    }
    if (s->breakdown) code |= add_breakdown(b, t, &l, s, &to);
    return code | add_twice(t->variance, t->weight, weighted, n, VARIANCE, &to);
}

#endif
