/* Linear equations A x = b of a few unknowns, by Gaussian elimination with the largest pivot of each column.
 *
 * The libraries behind numpy.linalg take other kernels, and with them other last bits, on other CPUs.
 */
#ifndef XENT_SOLVE_H
#define XENT_SOLVE_H

#include "maths.h"

static void swap(double *x, double *y) { double other = *x; *x = *y; *y = other; }

/* a [n][n] is spent, b [n] becomes x: infinite or NaN where A is singular. */
static void solve(double *a, double *b, int64_t n)
{
    for (int64_t k = 0; k < n; k++) {
        int64_t pivot = k;
        for (int64_t i = k + 1; i < n; i++)
            if (magnitude(a[i * n + k]) > magnitude(a[pivot * n + k])) pivot = i;
        for (int64_t j = k; j < n && pivot != k; j++) swap(a + k * n + j, a + pivot * n + j);
        if (pivot != k) swap(b + k, b + pivot);
        for (int64_t i = k + 1; i < n; i++) {
            double part = a[i * n + k] / a[k * n + k];
            for (int64_t j = k + 1; j < n; j++) a[i * n + j] -= part * a[k * n + j];
            b[i] -= part * b[k];
        }
    }
    for (int64_t k = n - 1; k >= 0; k--) {
        for (int64_t j = k + 1; j < n; j++) b[k] -= a[k * n + j] * b[j];
        b[k] /= a[k * n + k];
    }
}

#endif
