/* The exported functions of one level of SIMD: their arguments are checked here, once more than in kernel.py.
 *
 * Compiled once a level, with XENT_LEVEL as its name and the compiler's flags for it.
 */
#include "exact.h"
#include "export.h"
#include "fit.h"
#include "maths.h"
#include "rows.h"
#include "score_test.h"
#include "xent.h"

#define EXPORT_MAP(name, function) \
    XENT_API int32_t EXPORT(name)(const double *x, double *y, int64_t n) \
    { \
        if (!is_array(x, n) || !is_array(y, n)) return XENT_BAD_ARGUMENT; \
        for (int64_t i = 0; i < n; i++) y[i] = function(x[i]); \
        return XENT_OK; \
    }
EXPORT_MAP(exp, exp_)
EXPORT_MAP(expm1, expm1_)
EXPORT_MAP(log, log_)
EXPORT_MAP(log1p, log1p_)

/* The places that the digits of values[0..n) are of: span[0] is the first, span[1] the last; {0, -1} if all are 0. */
XENT_API int32_t EXPORT(places)(const double *values, int64_t n, int64_t *span)
{
    if (!is_array(values, n) || !span) return XENT_BAD_ARGUMENT;
    Span found = {UINT32_MAX, 0};
    for (int64_t i = 0; i < n; i += TILE) widen(&found, values + i, n - i < TILE ? (int)(n - i) : TILE);
    int smallest = (int)((found.least + 1) >> 20), largest = (int)(found.most >> 20), some = found.least < UINT32_MAX;
    if (largest == 0x7ff) return XENT_NOT_FINITE;
    span[0] = some ? place_of_bit((smallest ? smallest : 1) - 1075) : 0;
    span[1] = some ? top_place(largest) : -1;
    return XENT_OK;
}

static int is_totals(const Totals *t)
{
    int inside = t->first >= 0 && t->places >= 0 && t->first <= XENT_PLACES && t->places <= XENT_PLACES - t->first;
    return inside && t->groups >= 0 && t->groups < MOST_VALUES / XENT_PLACES && (t->digits || !t->groups || !t->places);
}

/* Add the rows values[groups][n] each to the total of its own group. */
XENT_API int32_t EXPORT(add_rows)(const double *values, int64_t n, int64_t *digits, int64_t groups, int32_t first,
                                  int32_t places)
{
    const Totals t = {digits, groups, first, places};
    if (!is_totals(&t) || n < 0 || n > XENT_MOST_TERMS || (n && groups > MOST_VALUES / n)
        || !is_array(values, n * groups)) return XENT_BAD_ARGUMENT;
    double tile[TILE];
    int code = XENT_OK;
    for (int64_t g = 0; g < groups; g++) {
        for (int64_t i = 0; i < n && !code; i += TILE) {
            int m = n - i < TILE ? (int)(n - i) : TILE;
            memcpy(tile, values + g * n + i, (size_t)m * 8);
            code = add_tile(tile, m, g, &t);
        }
    }
    return code;
}

/* Add values[i] to the total of group[i], for i in 0..n-1. */
XENT_API int32_t EXPORT(add_by)(const double *values, const int64_t *group, int64_t n, int64_t *digits, int64_t groups,
                                int32_t first, int32_t places)
{
    const Totals t = {digits, groups, first, places};
    if (!is_totals(&t) || n > XENT_MOST_TERMS || !is_array(values, n) || !is_array(group, n)) return XENT_BAD_ARGUMENT;
    double tile[TILE];
    int code = XENT_OK;
    for (int64_t i = 0; i < n && !code; i += TILE) {
        int m = n - i < TILE ? (int)(n - i) : TILE;
        uint64_t outside = 0;
        for (int j = 0; j < m; j++) outside |= (uint64_t)(group[i + j] < 0) | (uint64_t)(group[i + j] >= groups);
        if (outside) return XENT_BAD_ARGUMENT;
        memcpy(tile, values + i, (size_t)m * 8);
        code = add_tile_by(tile, group + i, m, &t);
    }
    return code;
}

/* Carry digits [places][groups]: every digit but those of the last place comes to at most 2^(DIGIT - 1). */
XENT_API int32_t EXPORT(carry)(int64_t *digits, int64_t groups, int32_t places)
{
    const Totals t = {digits, groups, 0, places};
    if (places < 0 || groups < 0 || (places && groups > MOST_VALUES / places) || (!digits && places && groups))
        return XENT_BAD_ARGUMENT;
    carry_digits(&t);
    return XENT_OK;
}

/* Add x[i] y[i], exactly, to digits [XENT_PLACES][XENT_PRODUCT_GROUPS]: group g counts 2^(560 (g - 2)). */
XENT_API int32_t EXPORT(add_products)(const double *x, const double *y, int64_t n, int64_t *digits)
{
    const Totals t = {digits, XENT_PRODUCT_GROUPS, 0, XENT_PLACES};
    if (n > XENT_MOST_TERMS || !is_array(x, n) || !is_array(y, n) || !digits) return XENT_BAD_ARGUMENT;
    int code = XENT_OK;
    for (int64_t i = 0; i < n && !code; i += TILE)
        code = add_products_tile(x + i, y + i, n - i < TILE ? (int)(n - i) : TILE, &t);
    return code;
}

/* Add x[i] w[i]^2, each rounded to a float64 of any size, to digits [XENT_PLACES][XENT_WEIGHTED_GROUPS]: group
 * 3 (4 + a) + 1 + b counts 2^(512 a + 560 b). Weights are >= 0. */
XENT_API int32_t EXPORT(add_weighted_twice)(const double *x, const double *w, int64_t n, int64_t *digits)
{
    const Totals t = {digits, XENT_WEIGHTED_GROUPS, 0, XENT_PLACES};
    if (n > XENT_MOST_TERMS || !is_array(x, n) || !is_array(w, n) || !digits) return XENT_BAD_ARGUMENT;
    int code = XENT_OK;
    for (int64_t i = 0; i < n && !code; i += TILE)
        code = add_weighted_tile(x + i, w + i, n - i < TILE ? (int)(n - i) : TILE, &t);
    return code;
}

/* The sums of the test of calibration, of rows of log-odds, whether class 1 happened, and weights or NULL for ones:
 * of scores to sums [XENT_PLACES][2], of variances to products [3][XENT_PLACES][XENT_WEIGHTED_GROUPS]. */
XENT_API int32_t EXPORT(score_test)(const double *odds, const uint8_t *positive, const double *weights, int64_t n,
                                    int64_t *sums, int64_t *products, int64_t *refuted)
{
    if (n > XENT_MOST_TERMS || !is_array(odds, n) || !is_array(positive, n) || !sums || !products || !refuted)
        return XENT_BAD_ARGUMENT;
    int code = XENT_OK;
    for (int64_t i = 0; i < n && !code; i += TILE)
        code = add_score_test(odds + i, positive + i, weights ? weights + i : NULL, n - i < TILE ? (int)(n - i) : TILE,
                              sums, products, refuted);
    return code;
}

/* product[i] = x[i] y[i] as rounded, and in error[i] what that took off. */
XENT_API int32_t EXPORT(products)(const double *x, const double *y, int64_t n, double *product, double *error)
{
    if (!is_array(x, n) || !is_array(y, n) || !is_array(product, n) || !is_array(error, n)) return XENT_BAD_ARGUMENT;
    for (int64_t i = 0; i < n; i++) {
        product[i] = x[i] * y[i];
        error[i] = product_error(x[i], y[i], product[i]);
    }
    return XENT_OK;
}

static int has_outputs(const XentRows *r)
{
    int several = r->columns > 1, stored = several && r->kind != XENT_LOGIT, two = r->columns <= 2;
    return r->loss && r->confidence && r->entropy && r->variance && r->brier && r->shares && r->top && r->tied
           && (r->log_sum || !stored) && (r->log_odds || !two);
}

static int are_labels(const int64_t *labels, int n, int64_t classes)
{
    uint64_t outside = 0;
    for (int i = 0; i < n; i++) outside |= (uint64_t)(labels[i] < 0) | (uint64_t)(labels[i] >= classes);
    return !outside;
}

static void score_tile(const XentRows *r, int64_t at, int n)
{
    int logarithms = r->kind == XENT_LOG_PROBABILITY;
    if (r->columns > 1 && (r->kind == XENT_LOGIT || r->normalize)) {
        if (r->kind == XENT_PROBABILITY) score_beside_top(r, at, n, XENT_PROBABILITY);
        else if (logarithms) score_beside_top(r, at, n, XENT_LOG_PROBABILITY);
        else score_beside_top(r, at, n, XENT_LOGIT);
    }
    else if (r->columns > 1) { if (logarithms) score_stored(r, at, n, 1); else score_stored(r, at, n, 0); }
    else if (r->kind == XENT_LOGIT) score_logit(r, at, n);
    else if (logarithms) score_column(r, at, n, 1);
    else score_column(r, at, n, 0);
}

static int64_t rows_at_once(int64_t columns)
{
    int64_t step = MOST_CELLS / columns;
    return step > ROWS ? ROWS : step < 16 ? 16 : step / 8 * 8;
}

/* The highest of several logits [columns][n] a row, and log1p of the sum of e^(z - highest) over the others. */
XENT_API int32_t EXPORT(sum_exponentials)(const double *scores, int64_t n, int64_t columns, double *highest,
                                          double *log1p_s)
{
    if (n < 0 || columns < 1 || columns > INT32_MAX || n > MOST_VALUES / columns || !is_array(scores, n * columns)
        || !is_array(highest, n) || !is_array(log1p_s, n)) return XENT_BAD_ARGUMENT;
    int64_t step = rows_at_once(columns);
    for (int64_t at = 0; at < n; at += step) {
        int m = n - at < step ? (int)(n - at) : (int)step;
        sum_exponentials(scores + at, n, columns, m, highest + at, log1p_s + at);
    }
    return XENT_OK;
}

/* Score a block of rows, none of whose scores is NaN, and none without a finite highest one. */
XENT_API int32_t EXPORT(score_rows)(const XentRows *r)
{
    if (!r || r->n < 0 || r->columns < 1 || r->columns > INT32_MAX || r->kind < XENT_PROBABILITY
        || r->kind > XENT_LOG_PROBABILITY || r->n > MOST_VALUES / r->columns) return XENT_BAD_ARGUMENT;
    if (!r->n) return XENT_OK;
    if (!r->scores || !r->labels || !has_outputs(r)) return XENT_BAD_ARGUMENT;
    int64_t step = rows_at_once(r->columns), classes = r->columns > 1 ? r->columns : 2;
    for (int64_t at = 0; at < r->n; at += step) {
        int m = r->n - at < step ? (int)(r->n - at) : (int)step;
        if (!are_labels(r->labels + at, m, classes)) return XENT_BAD_ARGUMENT;
        score_tile(r, at, m);
    }
    return XENT_OK;
}

/* The loss of recalibrated rows and its derivatives: of the second ones by two offsets those above the diagonal. */
XENT_API int32_t EXPORT(fit)(const XentFit *f)
{
    if (!f || f->n < 0 || f->classes < 1 || f->classes > INT32_MAX || f->n > MOST_VALUES / f->classes
        || !is_array(f->d, f->n * f->classes) || !is_array(f->true_class, f->n) || !is_array(f->weights, f->n))
        return XENT_BAD_ARGUMENT;
    if (!f->offsets || !f->sums || !f->scratch || f->room / XENT_TILE_ROWS / 2 < f->classes || !f->gradient != !f->hessian)
        return XENT_BAD_ARGUMENT;
    for (int64_t at = 0; at < f->n; at += TILE)
        if (!are_labels(f->true_class + at, f->n - at < TILE ? (int)(f->n - at) : TILE, f->classes)) return XENT_BAD_ARGUMENT;
    sum_losses(f, (int)rows_at_once(f->classes));
    return XENT_OK;
}
