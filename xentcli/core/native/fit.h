/* The mean loss of recalibrated predictions r = softmax(a log q + b), and its derivatives by slope a and offsets b.
 *
 * With y the true class, d_k = log q_k - log q_y and u_k = a d_k,
 *
 *     z_k = u_k + b_k - b_y        m = max z >= 0        s = sum over k != y of e^(z_k - m)
 *     loss = m + log1p(s + expm1(-m))                   every digit of small losses
 *     a d/da = sum r u             a^2 d^2/da^2 = sum r u^2 - (sum r u)^2
 *     d/db_k = r_k - [k = y]       d^2/(db_j db_k) = r_j [j = k] - r_j r_k       a d^2/(da db_k) = r_k (u_k - sum r u)
 *
 * each times the weight of the row and summed. These sums are of float64, but in one order: row i of every tile is
 * added to place i of a list, the list at the end from first to last.
 */
#ifndef XENT_FIT_H
#define XENT_FIT_H

#include "maths.h"
#include "rows.h"

#define LOWEST_U -1e300                       /* stands in for log 0: e to it is 0, and 0 times it is 0 */

/* A tile of `rows` rows, a multiple of 8: what lies beyond the last row has no weight. */
typedef struct {
    int rows;
    double *u, *r;                            /* [classes][rows]: r times `whole`, 0 for y */
    double whole[ROWS], w[ROWS], y[ROWS], loss[ROWS], mean[ROWS], square[ROWS], own[ROWS], rest[ROWS];
} FitTile;

typedef struct { double loss[ROWS], first[ROWS], second[ROWS], largest[ROWS]; } FitSums;

INLINE void read_fit_tile(const XentFit *f, int64_t at, int n, FitTile *t)
{
    for (int i = 0; i < t->rows; i++) {
        t->w[i] = i < n ? f->weights[at + i] : 0.0;
        t->y[i] = i < n ? (double)(int32_t)f->true_class[at + i] : 0.0;
    }
    for (int64_t k = 0; k < f->classes; k++) {
        const double *restrict d = f->d + k * f->n + at;
        double *restrict u = t->u + k * t->rows;
        for (int i = 0; i < n; i++) {
            double x = d[i] * f->slope;
            u[i] = x > LOWEST_U ? x : LOWEST_U;
        }
        for (int i = n; i < t->rows; i++) u[i] = 0.0;
    }
}

/* r of every class but y, whose own share, and 1 less that, stand apart. */
INLINE void predict_tile(const XentFit *f, FitTile *t)
{
    double b_y[ROWS], m[ROWS], s[ROWS];
    for (int i = 0; i < t->rows; i++) {
        b_y[i] = f->offsets[(int32_t)t->y[i]];
        m[i] = -INFINITY;
        s[i] = t->mean[i] = t->square[i] = 0.0;
    }
    for (int64_t k = 0; k < f->classes; k++) {
        const double *restrict u = t->u + k * t->rows;
        double *restrict z = t->r + k * t->rows;
        const double b = f->offsets[k];
        for (int i = 0; i < t->rows; i++) {
            double x = u[i] + b - b_y[i];
            m[i] = x > m[i] ? x : m[i];
            z[i] = x;
        }
    }
    for (int64_t k = 0; k < f->classes; k++) {
        const double *restrict u = t->u + k * t->rows;
        double *restrict r = t->r + k * t->rows;
        const double class = (double)k;
        for (int i = 0; i < t->rows; i++) {
            double e = t->y[i] == class ? 0.0 : exp_(r[i] - m[i]), eu = e * u[i];
            s[i] += e;
            t->mean[i] += eu;
            t->square[i] += eu * u[i];
            r[i] = e;
        }
    }
    for (int i = 0; i < t->rows; i++) {
        double own = exp_(-m[i]), whole = s[i] + own;
        t->loss[i] = m[i] + log1p_(s[i] + expm1_(-m[i]));
        t->mean[i] /= whole;
        t->square[i] /= whole;
        t->own[i] = own / whole;
        t->rest[i] = s[i] / whole;
        t->whole[i] = whole;
    }
}

INLINE void add_fit_losses(const FitTile *t, FitSums *sums)
{
    for (int i = 0; i < t->rows; i++) {
        double w = t->w[i], loss = w > 0.0 ? t->loss[i] : 0.0;
        sums->loss[i] += w * loss;
        sums->first[i] += w * t->mean[i];
        sums->second[i] += w * (t->square[i] - t->mean[i] * t->mean[i]);
        sums->largest[i] = loss > sums->largest[i] ? loss : sums->largest[i];
    }
}

/* Sum of x y, in eight parts. */
INLINE double dot(const double *restrict x, const double *restrict y, int n)
{
    double part[8] = {0};
    for (int i = 0; i < n; i += 8)
        for (int j = 0; j < 8; j++) part[j] += x[i + j] * y[i + j];
    return ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
}

/* Derivatives by the offsets; of the second ones by two offsets those with j < k. */
INLINE void add_derivatives(const XentFit *f, FitTile *t)
{
    const int64_t size = f->classes + 1;
    double of_class[ROWS], wr[ROWS];
    for (int64_t k = 0; k < f->classes; k++) {
        double *restrict r = t->r + k * t->rows;
        const double *restrict u = t->u + k * t->rows;
        const double class = (double)k;
        for (int i = 0; i < t->rows; i++) {
            int own = t->y[i] == class;
            double share = r[i] / t->whole[i];
            of_class[i] = own ? -t->rest[i] : share;
            r[i] = own ? t->own[i] : share;
        }
        f->gradient[1 + k] += dot(of_class, t->w, t->rows);
        for (int i = 0; i < t->rows; i++) of_class[i] = r[i] * (u[i] - t->mean[i]);
        f->hessian[1 + k] += dot(of_class, t->w, t->rows);
    }
    for (int64_t j = 0; j < f->classes; j++) {
        const double *restrict r = t->r + j * t->rows;
        for (int i = 0; i < t->rows; i++) wr[i] = t->w[i] * r[i];
        for (int64_t k = j + 1; k < f->classes; k++)
            f->hessian[(1 + j) * size + 1 + k] -= dot(wr, t->r + k * t->rows, t->rows);
    }
}

static double total_of(const double *x)
{
    double total = 0.0;
    for (int i = 0; i < ROWS; i++) total += x[i];
    return total;
}

/* f->sums and, where they are wanted, f->gradient and f->hessian. */
INLINE void sum_losses(const XentFit *f, int rows)
{
    FitSums sums = {{0}, {0}, {0}, {0}};
    FitTile t;
    t.rows = rows;
    t.u = f->scratch;
    t.r = f->scratch + f->classes * rows;
    for (int64_t at = 0; at < f->n; at += rows) {
        read_fit_tile(f, at, f->n - at < rows ? (int)(f->n - at) : rows, &t);
        predict_tile(f, &t);
        add_fit_losses(&t, &sums);
        if (f->gradient) add_derivatives(f, &t);
    }
    double largest = 0.0;
    for (int i = 0; i < ROWS; i++) largest = sums.largest[i] > largest ? sums.largest[i] : largest;
    f->sums[0] = total_of(sums.loss);
    f->sums[1] = total_of(sums.first);
    f->sums[2] = total_of(sums.second);
    f->sums[3] = largest;
}

#endif
