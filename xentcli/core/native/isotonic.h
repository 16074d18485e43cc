/* Isotonic regression of two classes by pooling adjacent violators (Ayer et al. 1955), and its loss.
 *
 * Keys come by rising log-odds, each with the weight of class 1 and that of class 0. Of all shares of class 1 that rise
 * from key to key, the likeliest are those of blocks of neighbouring keys: a block takes in the one before it as long
 * as its own share is not the higher one,
 *
 *     p / (p + n) <= p' / (p' + n')    that is    p n' <= p' n
 */
#ifndef XENT_ISOTONIC_H
#define XENT_ISOTONIC_H

#include "maths.h"

/* Halves of 2^-e where 2^(e-1) <= most < 2^e: scaled by both, no product of two weights overflows. */
static void scale_of(double most, double *one, double *other)
{
    int e = 0;
    for (; most >= 1.0; most *= 0.5) e--;
    for (; most < 0.5 && most > 0.0; most *= 2.0) e++;
    int half = e / 2;
    *one = of_bits((uint64_t)(1023 + half) << 52);
    *other = of_bits((uint64_t)(1023 + e - half) << 52);
}

/* How many blocks n keys make; their weights go to up and down [n], up to a common factor, and to ends [n], unless it
 * is NULL, the number of the key after the last of each. */
static int64_t pool(const double *positive, const double *negative, int64_t n, double *up, double *down, int64_t *ends)
{
    double most = 0.0, one, other;
    for (int64_t i = 0; i < n; i++) {
        most = positive[i] > most ? positive[i] : most;
        most = negative[i] > most ? negative[i] : most;
    }
    scale_of(most, &one, &other);
    int64_t blocks = 0;
    for (int64_t i = 0; i < n; i++) {
        double p = positive[i] * one * other, q = negative[i] * one * other;
        while (blocks && p * down[blocks - 1] <= up[blocks - 1] * q) {
            blocks--;
            p += up[blocks];
            q += down[blocks];
        }
        up[blocks] = p;
        if (ends) ends[blocks] = i + 1;
        down[blocks++] = q;
    }
    return blocks;
}

/* -x log(x / whole), 0 log 0 = 0. */
INLINE double mix_loss(double x, double whole) { return x > 0.0 ? -x * log_(x / whole) : 0.0; }

/* The loss of each block, times its weight, if its own mix with label smoothing e is predicted: (1 - e) share + e / 2. */
INLINE void mix_losses(const double *up, const double *down, int64_t n, double e, double *loss, double *weight)
{
    for (int64_t i = 0; i < n; i++) {
        double w = up[i] + down[i], part = e * 0.5 * w;
        loss[i] = mix_loss((1.0 - e) * up[i] + part, w) + mix_loss((1.0 - e) * down[i] + part, w);
        weight[i] = w;
    }
}

#endif
