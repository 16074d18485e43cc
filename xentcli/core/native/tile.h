/* A tile of rows: what is read of them, and all that is found, in places that compilers know to differ.
 *
 * Scores come from columns or rows of float64 or float32, of all rows of a block or of some; in the tile they stand
 * class after class. What is 0 to rounding, or 1, is taken as that; what is worse breaks the block.
 */
#ifndef XENT_TILE_H
#define XENT_TILE_H

#include "maths.h"
#include "xent.h"

enum {
    ROWS = XENT_TILE_ROWS,                    /* what is known of them stays in the second cache */
    MOST_CELLS = 1 << 15                      /* rows times classes scored at once: these stay there too */
};
#define FLOOR -1e4                            /* e^FLOOR is 0; stands in for log 0 wherever it is multiplied by that 0 */
#define EDGE 1e-4                             /* a probability so far outside 0 .. 1 is rounding */
#define LOG_EDGE 1e-6                         /* likewise a log-probability above 0 */
#define TARGET_SLACK 1e-6                     /* how far the soft labels of a row may miss a sum of 1 */
#define SUM_SLACK 1e-9                        /* float noise on top of any tolerance of a row's sum */

typedef struct {
    int n, stride;                            /* rows; what classes lie apart */
    int has_top_loss;                         /* whether `top_loss` is known: of plain labels, three classes or more */
    int64_t columns, classes;
    double *score, *share;                    /* [columns][stride], [classes][stride] */
    double *part, *target;                    /* [classes][stride]: losses of the classes; soft labels */
    double *log_q, *log_q_room;               /* log q + a constant of the row, of three classes or more; where it may be */
    double label[ROWS], weight[ROWS];         /* classes as float64, to be compared in SIMD */
    double highest[ROWS], top[ROWS], tied[ROWS];
    double loss[ROWS], confidence[ROWS], entropy[ROWS], variance[ROWS], brier[ROWS];
    double log1p_s[ROWS];                     /* log of the sum beside the top class, where there is one */
    double sum[ROWS], log_sum[ROWS];          /* of probabilities as stored; 1 and 0 otherwise */
    double log_odds[ROWS], rest_loss[ROWS], top_loss[ROWS], target_entropy[ROWS];
} Tile;

static int64_t rows_at_once(int64_t columns)
{
    int64_t step = MOST_CELLS / columns;
    return step > ROWS ? ROWS : step < 16 ? 16 : step / 8 * 8;
}

/* What a score is, to what is allowed: nothing to say, odd (and put right), or broken. */
static int check_value(double *x, int64_t kind)
{
    if (*x != *x) return XENT_BROKEN;
    if (kind == XENT_LOGIT) return *x == INFINITY ? XENT_BROKEN : XENT_OK;
    double low = kind == XENT_PROBABILITY ? 0.0 : -INFINITY, high = kind == XENT_PROBABILITY ? 1.0 : 0.0;
    double edge = kind == XENT_PROBABILITY ? EDGE : LOG_EDGE;
    if (*x < low - edge || *x > high + edge) return XENT_BROKEN;
    int odd = *x < low || *x > high;
    *x = *x < low ? low : *x > high ? high : *x;
    return odd ? XENT_ODD : XENT_OK;
}

/* Most rows have nothing but scores in their range, which SIMD sees at once. */
static int check_values(double *restrict x, int n, int64_t kind)
{
    const double low = kind == XENT_PROBABILITY ? 0.0 : -INFINITY;
    const double high = kind == XENT_PROBABILITY ? 1.0 : kind == XENT_LOGIT ? DBL_MAX : 0.0;
    uint64_t outside = 0;
    for (int i = 0; i < n; i++) outside |= (uint64_t)!(x[i] >= low) | (uint64_t)!(x[i] <= high);
    int code = XENT_OK;
    for (int i = 0; i < n && outside; i++) code |= check_value(x + i, kind);
    return code;
}

INLINE void read_column(const XentBlock *b, int64_t k, int64_t at, int n, double *restrict x)
{
    const int64_t *rows = b->rows ? b->rows + at : NULL;
    const int64_t step = b->row_major ? b->count : 1;
    if (b->float32) {
        const float *v = b->row_major ? (const float *)b->columns[0] + k : b->columns[k];
        if (rows) for (int i = 0; i < n; i++) x[i] = v[rows[i] * step];
        else if (step == 1) for (int i = 0; i < n; i++) x[i] = v[at + i];
        else for (int i = 0; i < n; i++) x[i] = v[(at + i) * step];
        return;
    }
    const double *v = b->row_major ? (const double *)b->columns[0] + k : b->columns[k];
    if (rows) for (int i = 0; i < n; i++) x[i] = v[rows[i] * step];
    else if (step == 1) memcpy(x, v + at, (size_t)n * sizeof(double));
    else for (int i = 0; i < n; i++) x[i] = v[(at + i) * step];
}

INLINE void read_values(const double *v, const int64_t *rows, int64_t at, int n, double *restrict x)
{
    if (!rows) memcpy(x, v + at, (size_t)n * sizeof(double));
    else for (int i = 0; i < n; i++) x[i] = v[rows[at + i]];
}

static int read_labels(const XentBlock *b, int64_t at, Tile *t)
{
    uint64_t outside = 0;
    for (int i = 0; i < t->n; i++) {
        int64_t label = b->labels[b->rows ? b->rows[at + i] : at + i];
        outside |= (uint64_t)(label < 0) | (uint64_t)(label >= t->classes);
        t->label[i] = (double)(int32_t)label;
    }
    return outside ? XENT_BAD_ARGUMENT : XENT_OK;
}

static int read_tile(const XentBlock *b, int64_t at, Tile *t)
{
    int code = XENT_OK;
    for (int i = 0; i < t->n && b->rows; i++)
        if (b->rows[at + i] < 0 || b->rows[at + i] >= b->there) return XENT_BAD_ARGUMENT;
    for (int64_t k = 0; k < t->columns; k++) {
        double *x = t->score + k * t->stride;
        read_column(b, k, at, t->n, x);
        code |= check_values(x, t->n, b->kind);
    }
    if (b->labels) code |= read_labels(b, at, t);
    else for (int i = 0; i < t->n; i++) t->label[i] = 0.0;
    if (b->weights) read_values(b->weights, b->rows, at, t->n, t->weight);
    else for (int i = 0; i < t->n; i++) t->weight[i] = 1.0;
    return code;
}

/* Highest score of each row, the first class that has it, and whether another has it too. */
INLINE void find_tops(const double *scores, int64_t stride, int64_t columns, int n, double *restrict highest,
                      double *restrict top, double *restrict tied)
{
    for (int i = 0; i < n; i++) {
        highest[i] = scores[i];
        top[i] = tied[i] = 0.0;
    }
    for (int64_t k = 1; k < columns; k++) {
        const double *restrict z = scores + k * stride;
        const double class = (double)k;
        for (int i = 0; i < n; i++) {
            double x = z[i], most = highest[i];
            tied[i] = x > most ? 0.0 : x == most ? 1.0 : tied[i];
            top[i] = x > most ? class : top[i];
            highest[i] = x > most ? x : most;
        }
    }
}

#endif
