/* erfc and log gamma of float64: what p-values are made of.
 *
 * As in maths.h: + - * / and integers only, without contraction and without branches, the same bits everywhere.
 * Coefficients: mpmath.chebyfit (60 digits) of the function named beside them, highest power first, rounded.
 */
#ifndef XENT_SPECIAL_H
#define XENT_SPECIAL_H

#include "maths.h"

#define TERMS(coefficients) ((int)(sizeof(coefficients) / sizeof *(coefficients)))
INLINE double polynomial(const double *coefficients, int terms, double x)
{
    double p = coefficients[0];
    for (int i = 1; i < terms; i++) p = p * x + coefficients[i];
    return p;
}

/* erf(x) / x in x^2, for |x| <= 3/4; off by less than 2^-60. */
static const double ERF[] = {
    0x1.8a312cb07e6ccp-27, -0x1.564f71bbc0d35p-23, 0x1.b90ecd4aeec12p-20, -0x1.f4c5debf1228ap-17, 0x1.f9a2afa3a8f86p-14,
    -0x1.c02db1220cfe6p-11, 0x1.565bcd03657c0p-8, -0x1.b82ce31257412p-6, 0x1.ce2f21a0424c3p-4, -0x1.812746b0379e0p-2,
    0x1.20dd750429b6dp+0};

/* (1 + 2x) e^(x^2) erfc(x) in t = (x - 4) / (x + 4), for 3/4 <= x <= 28, where that is within 1.1 to 1.3 and smooth
 * (Shepherd & Laframboise 1981); off by less than 2^-60. */
static const double ERFCX[] = {
    0x1.e934056cbc240p-29, -0x1.6c2abb5d74902p-27, -0x1.870cde2893a58p-26, 0x1.c6168a459aac0p-24, 0x1.5a1d9b0bfe3a9p-24,
    -0x1.b974a98648db6p-21, 0x1.36fe0689353acp-22, 0x1.7f12b6230de88p-18, -0x1.787cc33c9c17bp-17, -0x1.9957be2034382p-16,
    0x1.3be01e301c039p-13, -0x1.a1df2e46343b9p-13, -0x1.8d4a98af03f53p-11, 0x1.49c6728e649d7p-8, -0x1.096238860694dp-6,
    0x1.3079edf670052p-5, -0x1.0fb06dfe45d05p-4, 0x1.7fee004e12b27p-4, -0x1.9ddb23c3e9270p-4, 0x1.16ecefcfa537ap-4,
    0x1.f7f5df66fd7e0p-7, -0x1.1df1ad154a28ep-3, 0x1.3ba5916e9fd7fp+0};

/* The error is below 5 units in the last place, in the tail as well: to 26.5, beyond which erfc is subnormal.
 *
 *     |x| < 3/4     erfc x = 1 - erf x
 *     x >= 3/4      erfc x = e^(-x^2) erfcx(x),  x^2 = h^2 + (x - h) (x + h)  with h of 26 bits, whose square is exact
 *     x <= -3/4     erfc x = 2 - erfc(-x)
 */
INLINE double erfc_(double x)
{
    double size = magnitude(x), far = size < 28.0 ? size : 28.0;  /* erfc 28 is 0 */
    double h = of_bits(bits_of(far) & ~(uint64_t)0x7ffffff), t = (far - 4.0) / (far + 4.0);
    double e = exp_(-(h * h)) * exp_(-((far - h) * (far + h)));
    double tail = e * (polynomial(ERFCX, TERMS(ERFCX), t) / (1.0 + 2.0 * far));
    double y = x < 0.0 ? 2.0 - tail : tail;
    y = size < 0.75 ? 1.0 - x * polynomial(ERF, TERMS(ERF), x * x) : y;
    return x == x ? y : x;
}

/* log gamma(2 + f) / f for -3/4 <= f <= 1/2, off by less than 2^-60: no digit is lost at the zeros of log gamma. */
static const double LOG_GAMMA[] = {
    0x1.44a2494351c70p-24, 0x1.afb50278530d2p-25, 0x1.acfd7c347fbb1p-28, -0x1.9db0f678cb211p-23, 0x1.bdcb694fe824dp-23,
    -0x1.af770681c449dp-22, 0x1.03957c5bfffebp-20, -0x1.137ac24392c4ep-19, 0x1.254590089761cp-18, -0x1.3ca988a7346b2p-17,
    0x1.5811f1440bedcp-16, -0x1.78ded94b1e5dep-15, 0x1.a127927d22adfp-14, -0x1.d3fd4a7d4f970p-13, 0x1.0b36afc6a0b9ap-11,
    -0x1.38ac5c2e528f1p-10, 0x1.7add6ead24b2fp-9, -0x1.e404fc218c557p-8, 0x1.51322ac7d8931p-6, -0x1.13e001a55760dp-4,
    0x1.4a34cc4a60fa6p-2, 0x1.b0ee6072093cep-2};

/* x times what Stirling's formula lacks, in 1/x^2, for x >= 8; off by less than 2^-60. */
static const double STIRLING[] = {
    0x1.4bffc6a523a3dp-8, -0x1.ef8d73e42dc40p-10, 0x1.b92c33f2bdc71p-11, -0x1.38134d4f78e41p-11, 0x1.a01a017dcf8bbp-11,
    -0x1.6c16c16c149f4p-9, 0x1.5555555555555p-4};
#define HALF_LOG_2PI_LESS_HALF 0x1.acfe390c97d69p-2

/* log gamma(x) for x >= 0, a NaN below; the error is below 5 units in the last place.
 *
 *     x < 1/4            log gamma(x) = log gamma(2 + x) - log(x (1 + x))
 *     1/4 <= x < 5/4     log gamma(x) = log gamma(1 + x) - log x
 *     5/4 <= x < 8       log gamma(x) = log gamma(x - n) + log((x - 1) ... (x - n))  with x - n < 5/2
 *     8 <= x             log gamma(x) = (x - 1/2) (log x - 1) + (log(2 pi) - 1) / 2 + series / x
 */
INLINE double lgamma_(double x)
{
    double product = 1.0, f = x - 2.0;
    for (int n = 1; n <= 6; n++) {
        int above = x - (double)n >= 1.5;
        product *= above ? x - (double)n : 1.0;
        f -= above ? 1.0 : 0.0;
    }
    product = x < 1.25 ? x : product;
    product = x < 0.25 ? x * (1.0 + x) : product;
    f = x < 1.25 ? x - 1.0 : f;
    f = x < 0.25 ? x : f;
    double log_x = log_(x < 8.0 ? product : x), inverse = 1.0 / x;
    double near = f * polynomial(LOG_GAMMA, TERMS(LOG_GAMMA), f) + (x < 1.25 ? -log_x : log_x);
    double rest = HALF_LOG_2PI_LESS_HALF + polynomial(STIRLING, TERMS(STIRLING), inverse * inverse) * inverse;
    double y = x < 8.0 ? near : (x - 0.5) * (log_x - 1.0) + rest;
    y = x < 0.0 ? NAN : y;
    y = x < INFINITY ? y : x;
    return x == x ? y : x;
}

#endif
