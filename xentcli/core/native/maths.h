/* exp, expm1, log and log1p of float64, each off by less than one unit in the last place.
 *
 * In + - * / and integers only, so that every compiler, level of SIMD and machine gives the same bits: to be compiled
 * with -ffp-contract=off, and with rounding to nearest. Without branches, so that loops over them become SIMD.
 * A NaN comes back as it is. Coefficients: mpmath.chebyfit (60 digits) of the function named beside them, rounded.
 */
#ifndef XENT_MATHS_H
#define XENT_MATHS_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__FAST_MATH__)
#error "sums have to be rounded as they are written: without -ffast-math"
#endif
_Static_assert(FLT_EVAL_METHOD == 0, "float64 has to be computed in float64");
_Static_assert(DBL_MANT_DIG == 53 && sizeof(double) == 8, "double has to be IEEE 754 binary64");

#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t bits_of(double x) { uint64_t u; memcpy(&u, &x, 8); return u; }
INLINE double of_bits(uint64_t u) { double x; memcpy(&x, &u, 8); return x; }
INLINE double magnitude(double x) { return of_bits(bits_of(x) & 0x7fffffffffffffffu); }

#define LN2_HIGH 0x1.62e42feep-1              /* 32 bits: times any exponent it is exact */
#define LN2_LOW 0x1.a39ef35793c76p-33
#define TO_WHOLE 0x1.8p52                     /* x + TO_WHOLE - TO_WHOLE is x rounded to a whole number */

/* x = k log 2 + r + tail with a whole k and |r| <= log 2 / 2 (Cody and Waite 1980); `shifted` is k + TO_WHOLE. */
typedef struct { double shifted, k, r, tail; } Reduced;
INLINE Reduced reduce(double x)
{
    double shifted = x * 0x1.71547652b82fep+0 + TO_WHOLE, k = shifted - TO_WHOLE;
    double high = x - k * LN2_HIGH, low = k * LN2_LOW, r = high - low;
    return (Reduced){shifted, k, r, (high - r) - low};
}

/* (e^r - 1 - r) / r^2 for |r| <= log 2 / 2, off by less than 2^-59. */
INLINE double exp_rest(double r)
{
    double p = 0x1.1f730349868cep-29;
    p = p * r + 0x1.af4de97ca4194p-26;
    p = p * r + 0x1.27e4db646b17ep-22;
    p = p * r + 0x1.71de0231960ebp-19;
    p = p * r + 0x1.a01a01a6d889cp-16;
    p = p * r + 0x1.a01a01abe7fe1p-13;
    p = p * r + 0x1.6c16c16c162d4p-10;
    p = p * r + 0x1.11111111100dcp-7;
    p = p * r + 0x1.5555555555556p-5;
    p = p * r + 0x1.5555555555557p-3;
    return p * r + 0.5;
}

/* e^x = 2^k (1 + r + r^2 p(r)), times 2^(k/2) twice: the second product alone rounds, and only into subnormals. */
INLINE double exp_(double x)
{
    double within = x < -746.0 ? -746.0 : x;  /* e^-746 is 0, e^710 infinite */
    within = within > 710.0 ? 710.0 : within;
    Reduced a = reduce(within);
    double y = 1.0 + (a.r + (a.r * a.r * exp_rest(a.r) + a.tail));
    uint64_t k = bits_of(a.shifted) - bits_of(TO_WHOLE) + 2048, half = k >> 1;
    y = y * of_bits((half - 1) << 52) * of_bits((k - half - 1) << 52);
    return x == x ? y : x;
}

/* e^x - 1 = 2 (c - 1/2 + c r + c (r^2 p(r) + tail)) with c = 2^(k-1), which is finite for any k. */
INLINE double expm1_(double x)
{
    double within = x < -50.0 ? -50.0 : x;    /* e^-50 - 1 rounds to -1 */
    within = within > 710.0 ? 710.0 : within;
    Reduced a = reduce(within);
    double c = of_bits((bits_of(a.shifted) - bits_of(TO_WHOLE) + 1022) << 52), whole = c - 0.5, part = c * a.r;
    double sum = whole + part, error = part - (sum - whole);  /* |part| <= |whole| unless that is 0 */
    error += (c - whole) - 0.5;               /* 2^53 - 1/2 is no float64 */
    double y = 2.0 * (sum + (error + c * (a.r * a.r * exp_rest(a.r) + a.tail)));
    y = magnitude(x) < 0x1p-54 ? x : y;       /* -0, and digits that c r would lose */
    return x == x ? y : x;
}

/* k log 2 + log(1 + f) + c for sqrt(1/2) <= 1 + f < sqrt(2). With s = f / (2 + f), z = s^2:
 *     log(1 + f) = log((1 + s) / (1 - s)) = 2 s + s z R(z) = f - f^2/2 + s (f^2/2 + z R(z))
 * R is off by less than 2^-51, which is 2^-57 of the logarithm. */
INLINE double log_sum(double k, double f, double c)
{
    double half_square = 0.5 * f * f, s = f / (2.0 + f), z = s * s;
    double p = 0x1.2b59b70eb76c6p-3;
    p = p * z + 0x1.39fe42e9d4a8ap-3;
    p = p * z + 0x1.7462b58e4403ap-3;
    p = p * z + 0x1.c71c62e26212ep-3;
    p = p * z + 0x1.2492492df3ba9p-2;
    p = p * z + 0x1.99999999952ccp-2;
    p = p * z + 0x1.5555555555558p-1;
    return k * LN2_HIGH - ((half_square - (s * (half_square + z * p) + (k * LN2_LOW + c))) - f);
}

/* x = 2^exponent mantissa with sqrt(1/2) <= mantissa < sqrt(2), for normal x > 0. */
#define SQRT_HALF 0x3fe6a09e667f3bcdu
INLINE double exponent(uint64_t x)
{
    uint64_t biased = (x - SQRT_HALF + ((uint64_t)1024 << 52)) >> 52;
    return of_bits(bits_of(0x1p52) | biased) - (0x1p52 + 1024.0);
}
INLINE double mantissa(uint64_t x) { return of_bits(((x - SQRT_HALF) & 0x000fffffffffffffu) + SQRT_HALF); }

INLINE double log_(double x)
{
    int tiny = x < 0x1p-1022;                 /* subnormals are scaled up */
    uint64_t u = bits_of(tiny ? x * 0x1p54 : x);
    double y = log_sum(exponent(u) - (tiny ? 54.0 : 0.0), mantissa(u) - 1.0, 0.0);
    y = x == 0.0 ? -INFINITY : y;
    y = x < 0.0 ? NAN : y;
    return x < INFINITY ? y : x;              /* also a NaN */
}

/* log of u = 1 + x as rounded, and what rounding took off: log(1 + x) = log u + (1 + x - u) / u. */
INLINE double log1p_(double x)
{
    double u = 1.0 + x, lost = (x >= 1.0 ? 1.0 - (u - x) : x - (u - 1.0)) / u;
    int near = (x > -0.2928) & (x < 0.4142);  /* within the range of f as it is */
    double f = near ? x : mantissa(bits_of(u)) - 1.0;
    double y = log_sum(near ? 0.0 : exponent(bits_of(u)), f, near ? 0.0 : lost);
    y = x == -1.0 ? -INFINITY : y;
    y = x < -1.0 ? NAN : y;
    y = x == 0.0 ? x : y;                     /* -0 */
    return x < INFINITY ? y : x;
}

#endif
