/* The exported functions of one level of SIMD: their arguments are checked here, once more than in kernel.py.
 *
 * Compiled once a level, with XENT_LEVEL as its name and the compiler's flags for it.
 */
#include "band.h"
#include "diverge.h"
#include "exact.h"
#include "export.h"
#include "fit.h"
#include "kept.h"
#include "keys.h"
#include "maths.h"
#include "odds.h"
#include "rows.h"
#include "solve.h"
#include "special.h"
#include "totals.h"
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
EXPORT_MAP(erfc, erfc_)
EXPORT_MAP(lgamma, lgamma_)

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

/* The number of each of keys[0..n), up to the first that there is no room for: *done is how many have one. */
XENT_API int32_t EXPORT(number_keys)(XentKeys *k, const int64_t *keys, int64_t n, int64_t *numbers, int64_t *done)
{
    if (!k || !k->table || !k->distinct || k->slots < 2 || k->slots & (k->slots - 1) || k->count < 0
        || 2 * k->count > k->slots || !is_array(keys, n) || !is_array(numbers, n) || !done) return XENT_BAD_ARGUMENT;
    for (*done = 0; *done < n; ++*done) {
        numbers[*done] = number_of_key(k, keys[*done]);
        if (numbers[*done] < 0) return XENT_FULL;
    }
    return XENT_OK;
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
        code = add_products_tile(x + i, y + i, n - i < TILE ? (int)(n - i) : TILE, 0, &t);
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

static int are_labels(const int64_t *labels, int n, int64_t classes)
{
    uint64_t outside = 0;
    for (int i = 0; i < n; i++) outside |= (uint64_t)(labels[i] < 0) | (uint64_t)(labels[i] >= classes);
    return !outside;
}

/* The isotonic fit to weights >= 0 of class 1 and 0 by rising log-odds: its blocks' weights, at most n, and how many. */
XENT_API int32_t EXPORT(pool_adjacent)(const double *positive, const double *negative, int64_t n, double *up,
                                       double *down, int64_t *ends, int64_t *blocks)
{
    if (!is_array(positive, n) || !is_array(negative, n) || !is_array(up, n) || !is_array(down, n) || !blocks)
        return XENT_BAD_ARGUMENT;
    for (int64_t i = 0; i < n; i++) {
        if (!(magnitude(positive[i]) < INFINITY && magnitude(negative[i]) < INFINITY)) return XENT_NOT_FINITE;
        if (positive[i] < 0.0 || negative[i] < 0.0) return XENT_BAD_ARGUMENT;
    }
    *blocks = pool(positive, negative, n, up, down, ends);
    return XENT_OK;
}

/* Of blocks with weights of class 1 and 0: the loss of predicting the own mix of each, times its weight, and that. */
XENT_API int32_t EXPORT(mix_losses)(const double *up, const double *down, int64_t n, double smoothing, double *loss,
                                    double *weight)
{
    if (!is_array(up, n) || !is_array(down, n) || !is_array(loss, n) || !is_array(weight, n)) return XENT_BAD_ARGUMENT;
    mix_losses(up, down, n, smoothing, loss, weight);
    return XENT_OK;
}

/* The isotonic fits, curves [m][draws], to labels drawn anew for m predictions by rising keys: of the `rows` whole rows of
 * each, which weigh `weight` in all, shares of class 1 are right. Room: cumulated [room], twice the most of reach
 * and 1; scratch [more], (AT_ONCE + 3) m; ends [m]. */
XENT_API int32_t EXPORT(resample)(const uint64_t *keys, const double *rows, const double *shares, const double *weight,
                                  const int64_t *reach, int64_t m, int64_t draws, double *cumulated, int64_t room,
                                  double *scratch, int64_t more, int64_t *ends, double *curves)
{
    if (!is_array(keys, m) || !is_array(rows, m) || !is_array(shares, m) || !is_array(weight, m) || !is_array(reach, m)
        || !is_array(scratch, more) || more / (AT_ONCE + 3) < m || !is_array(ends, m) || !is_array(cumulated, room) || draws < 0
        || (draws && m >= MOST_VALUES / draws) || !is_array(curves, m * draws))
        return XENT_BAD_ARGUMENT;
    for (int64_t j = 0; j < m; j++) {
        if (!(rows[j] >= 1.0 && rows[j] < 0x1p53 && shares[j] >= 0.0 && shares[j] <= 1.0 && weight[j] >= 0.0
              && weight[j] < INFINITY && reach[j] >= 0 && reach[j] <= (room - 1) / 2))
            return XENT_BAD_ARGUMENT;
        Rows of = {keys[j], rows[j], shares[j], reach[j]};
        draw_counts(&of, weight[j] / rows[j], draws, cumulated, curves + j * draws);
    }
    for (int64_t d = 0; d < draws; d += AT_ONCE)
        fit_draws(weight, m, draws - d < AT_ONCE ? (int)(draws - d) : AT_ONCE, draws, scratch, ends, curves + d);
    return XENT_OK;
}

/* Whether the scores of a block can be read. */
static int are_scores(const XentBlock *b)
{
    if (!b || b->count < 1 || b->count > INT32_MAX || b->there < 0 || b->there > MOST_VALUES / b->count || b->n < 0
        || b->n > XENT_MOST_TERMS || b->kind < XENT_PROBABILITY || b->kind > XENT_LOG_PROBABILITY || !b->columns)
        return 0;
    int64_t arrays = b->row_major ? 1 : b->count, classes = b->count > 1 ? b->count : 2;
    if (!b->rows && b->n != b->there) return 0;
    for (int64_t k = 0; k < arrays && b->n; k++) if (!b->columns[k]) return 0;
    return (b->scratch || !b->n) && b->room / XENT_TILES / classes >= rows_at_once(classes);
}

static int is_block(const XentBlock *b)
{
    if (!are_scores(b)) return 0;
    int64_t classes = b->count > 1 ? b->count : 2;
    if (b->target_count && (b->labels || !b->targets || b->target_count != (b->target_count > 1 || classes > 2 ? classes : 1)))
        return 0;
    if (!b->labels && !b->target_count && b->count > 1) return 0;              /* tokens have one column */
    for (int64_t k = 0; k < b->target_count && b->n; k++) if (!b->targets[k]) return 0;
    return 1;
}

/* Whether totals are of this block's classes, or of its tokens. */
static int is_state(const XentTotals *s, const XentBlock *b)
{
    int64_t classes = b->labels || b->target_count ? b->count > 1 ? b->count : 2 : 0;
    if (s->classes != classes || !s->digits || !s->counts || s->groups != count_groups(classes)
        || s->numbers != count_numbers(classes)) return 0;
    if (classes && tells_pairs(classes) && b->labels && (!s->pair_digits || !s->pair_infinite)) return 0;
    return b->weights || (s->cell_rows && s->cell_largest && s->cell_span);
}

static void write_values(double *to, const double *from, int64_t at, int n)
{
    if (to) memcpy(to + at, from, (size_t)n * sizeof(double));
}

static void write_rows(const XentRows *r, int64_t at, const XentBlock *b, const Tile *t)
{
    write_values(r->loss, t->loss, at, t->n);
    if (!t->classes) return;
    write_values(r->confidence, t->confidence, at, t->n);
    write_values(r->entropy, t->entropy, at, t->n);
    write_values(r->variance, t->variance, at, t->n);
    write_values(r->brier, t->brier, at, t->n);
    write_values(r->log_sum, t->log_sum, at, t->n);
    if (t->classes == 2) write_values(r->log_odds, t->log_odds, at, t->n);
    if (t->has_top_loss) write_values(r->top_loss, t->top_loss, at, t->n);
    if (b->targets || b->smoothing > 0.0) write_values(r->target_entropy, t->target_entropy, at, t->n);
    for (int64_t k = 0; k < t->classes; k++) {
        if (t->log_q) write_values(r->log_q, t->log_q + k * t->stride, k * b->n + at, t->n);
        write_values(r->shares, t->share + k * t->stride, k * b->n + at, t->n);
        if (b->targets) write_values(r->class_loss, t->part + k * t->stride, k * b->n + at, t->n);
    }
    for (int i = 0; i < t->n && r->label_share; i++)
        r->label_share[at + i] = t->share[(int64_t)t->label[i] * t->stride + i];
    for (int i = 0; i < t->n && r->top; i++) r->top[at + i] = (int32_t)t->top[i];
    for (int i = 0; i < t->n && r->tied; i++) r->tied[at + i] = t->tied[i] != 0.0;
}

static int is_room(const XentTotals *s, const XentBlock *b)
{
    int weighted = b->weights || b->targets;
    if (s->odds && (s->classes != 2 || !is_odds_table(s->odds) || (s->odds->words == XENT_COUNT_WORDS) == weighted))
        return 0;
    return !s->kept || (s->classes > 2 && is_kept_room(s->kept) && s->kept->classes == s->classes
                        && (b->numbers || !b->n) && (!s->kept->capacity || !s->kept->targets == !b->targets));
}

/* Score a tile that has been read; what is written out, and added up, is in it then. */
static int score_read_tile(const XentBlock *b, int64_t at, int wants_log_q, Tile *t)
{
    if (!t->classes) {
        for (int i = 0; i < t->n; i++) t->loss[i] = clip_loss(-t->score[i], b->least, b->most);
        return XENT_OK;
    }
    score_tile(b, t);
    int code = check_sums(b, t);
    if (b->targets) code |= read_targets(b, at, t);
    if (code & ~XENT_ODD) return code;
    if (wants_log_q) find_log_q(b, t);
    if (b->targets) score_targets(b, t);
    else if (b->smoothing > 0.0) score_smoothed(b, t);
    else clip_tile(b, t);
    return code;
}

/* Where the values of a tile stand. */
static void place_tile(const XentBlock *b, Tile *t)
{
    double **parts[] = {&t->score, &t->share, &t->part, &t->target, &t->log_q_room};
    for (int j = 0; j < XENT_TILES; j++) *parts[j] = b->scratch + j * (b->room / XENT_TILES);
}

/* Score rows, tile by tile from *next on: what is found of each is written where it is asked for, and added up where
 * there are totals. XENT_FULL with *next at the first row that was not taken; XENT_BROKEN, with totals that are worth
 * nothing, where a row cannot be scored. */
XENT_API int32_t EXPORT(score_block)(const XentBlock *b, const XentRows *r, const XentTotals *s, int64_t *next)
{
    if (!is_block(b) || !r || !next || *next < 0 || (s && !(is_state(s, b) && is_room(s, b)))) return XENT_BAD_ARGUMENT;
    const int tokens = !b->labels && !b->target_count;
    Tile t;
    t.columns = b->count;
    t.classes = tokens ? 0 : b->count > 1 ? b->count : 2;
    t.has_top_loss = 0;
    t.log_q = NULL;
    t.stride = (int)rows_at_once(t.classes ? t.classes : 1);
    place_tile(b, &t);
    const int wants_log_q = t.classes > 2 && (r->log_q || (s && s->kept));
    int code = XENT_OK;
    for (int64_t at = *next; at < b->n; at += t.n) {
        t.n = b->n - at < t.stride ? (int)(b->n - at) : t.stride;
        code |= read_tile(b, at, &t);
        if (!(code & ~XENT_ODD)) code |= score_read_tile(b, at, wants_log_q, &t);
        if (!(code & ~XENT_ODD) && s) code |= add_tile_to(b, at, &t, s);
        if (code & ~XENT_ODD) return code;
        write_rows(r, at, b, &t);
        *next = at + t.n;
    }
    return code;
}

/* How far the rows of `to` have moved from those of `from`, which are as many: out[XENT_DIVERGENCES][n]. Class k of `to`
 * is in column order[k] of `from`, a permutation, or NULL: in column k. XENT_BROKEN, with values all the same, where
 * the scores of a row are no distribution. */
XENT_API int32_t EXPORT(diverge)(const XentBlock *from, const XentBlock *to, const int64_t *order, double *out)
{
    if (!are_scores(from) || !are_scores(to) || from->rows || to->rows || from->n != to->n) return XENT_BAD_ARGUMENT;
    int64_t classes = from->count > 1 ? from->count : 2;
    if (classes != (to->count > 1 ? to->count : 2) || !is_array(out, from->n)) return XENT_BAD_ARGUMENT;
    if (order && !are_labels(order, (int)classes, classes)) return XENT_BAD_ARGUMENT;
    const int swapped = order && order[0], single = from->count == 1 && to->count == 1 && !swapped;
    int code = XENT_OK;
    Tile p, q;
    p.columns = from->count;
    q.columns = to->count;
    p.classes = q.classes = classes;
    p.stride = q.stride = (int)rows_at_once(classes);
    place_tile(from, &p);
    place_tile(to, &q);
    for (int64_t at = 0; at < from->n; at += p.n) {
        p.n = q.n = from->n - at < p.stride ? (int)(from->n - at) : p.stride;
        code |= distribution_tile(from, order, at, &p) | distribution_tile(to, NULL, at, &q);
        diverge_tile(from, to, single ? 1 : -1, &p, &q, at, out);
    }
    return code;
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

/* Solve A x = b: a [n][n] is spent, b [n] becomes x. */
XENT_API int32_t EXPORT(solve)(double *a, double *b, int64_t n)
{
    if (n < 0 || n > XENT_MOST_UNKNOWNS || !is_array(a, n * n) || !is_array(b, n)) return XENT_BAD_ARGUMENT;
    solve(a, b, n);
    return XENT_OK;
}

#include "large_states.h"
