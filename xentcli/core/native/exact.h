/* Exact sums of float64: totals on a grid of powers of two that is the same for all values, in any order the same.
 *
 * Digit p of a total counts 2^(DIGIT p + LOWEST) and is an int64 of either sign; digits [places][groups] hold the
 * places first .. first + places - 1. A value is cut into digits by adding and subtracting a large number (Rump,
 * Ogita & Oishi, Accurate floating-point summation, 2008; on a fixed grid: Demmel & Nguyen, Parallel reproducible
 * summation, 2015). A value adds at most 2^DIGIT to a digit, so MOST_TERMS values stay below 2^61: callers carry
 * (exact_carry) before what they have merged may be more.
 */
#ifndef XENT_EXACT_H
#define XENT_EXACT_H

#include "maths.h"
#include "xent.h"

enum {
    DIGIT = XENT_DIGIT_BITS,
    LOWEST = XENT_LOWEST_POWER,               /* digit 0 counts less than any float64 */
    HIGHEST_CUT = 56,                         /* the last place whose cutting number is finite */
    LOWEST_CUT = 1,                           /* the first whose cutting number has all its digits */
    TILE = 512                                /* values cut at once: they stay in the first cache */
};
_Static_assert(XENT_PLACES * DIGIT + LOWEST > 1024 + 63, "places for 2^63 values of any size");
_Static_assert(XENT_MOST_TERMS <= 1 << 24, "digits of so many values, and the errors of their products, fit");

typedef struct { int64_t *digits; int64_t groups; int first, places; } Totals;

INLINE int exponent_field(double x) { return (int)(bits_of(x) >> 52) & 0x7ff; }
INLINE int place_of_bit(int power) { return (power - LOWEST) / DIGIT; }
/* The place of the highest bit of a value with this exponent field: such values are below 2^(field - 1022). */
INLINE int top_place(int field) { return place_of_bit(field - 1023); }
/* Its lowest bit counts 1 of place p: values below 2^DIGIT times that lose what is less when it is added. */
INLINE double cutter(int place) { return of_bits(((uint64_t)(1023 + 52 + LOWEST + DIGIT * place) << 52) | (uint64_t)1 << 51); }

/* Whether a digit of this place can be added; what is 0 can always be. */
INLINE int has_place(const Totals *t, int place) { return place >= t->first && place < t->first + t->places; }
INLINE int add_digit(const Totals *t, int place, int64_t group, int64_t digit)
{
    if (!digit) return XENT_OK;
    if (!has_place(t, place)) return XENT_OUTSIDE;
    t->digits[(place - t->first) * t->groups + group] += digit;
    return XENT_OK;
}

/* Any finite value, by shifting its 53 bits into three digits. */
static int add_value(double x, int64_t group, const Totals *t)
{
    uint64_t u = bits_of(x), m = u & 0x000fffffffffffffu;
    int field = exponent_field(x);
    if (field) m |= (uint64_t)1 << 52; else field = 1;
    int power = field - 1075, place = place_of_bit(power), shift = (power - LOWEST) % DIGIT;
    uint64_t mask = ((uint64_t)1 << DIGIT) - 1;
    int64_t sign = u >> 63 ? -1 : 1;
    int code = add_digit(t, place, group, sign * (int64_t)((m << shift) & mask));
    code |= add_digit(t, place + 1, group, sign * (int64_t)((m >> (DIGIT - shift)) & mask));
    uint64_t highest = 2 * DIGIT - shift < 53 ? m >> (2 * DIGIT - shift) : 0;
    return code | add_digit(t, place + 2, group, sign * (int64_t)highest);
}

/* The largest exponent field of v[0..n). The upper halves of float64 compare as int32 do. */
INLINE int largest_field(const double *v, int n)
{
    int32_t largest = 0;
    for (int i = 0; i < n; i++) {
        int32_t high = (int32_t)(bits_of(v[i]) >> 32) & 0x7fffffff;
        largest = high > largest ? high : largest;
    }
    return largest >> 20;
}

/* Upper halves, without the sign: of the smallest value but 0, less 1, and of the largest. */
typedef struct { uint32_t least, most; } Span;
INLINE void widen(Span *span, const double *v, int n)
{
    uint32_t least = span->least, most = span->most, tiny = 0;
    for (int i = 0; i < n; i++) {
        uint32_t high = (uint32_t)(bits_of(v[i]) >> 32) & 0x7fffffff, below = high - 1;   /* of 0 it is the largest */
        tiny |= (uint32_t)bits_of(v[i]) & (0 - (below >> 31));    /* bits of subnormals whose upper half is 0 */
        most = high > most ? high : most;
        least = below < least ? below : least;
    }
    *span = (Span){tiny ? 0 : least, most};
}

/* Add v[0..n), n <= TILE, to one group; v is spent. Three digits at a time, from the highest that there is down. */
static int add_tile(double *restrict v, int n, int64_t group, const Totals *t)
{
    int field = largest_field(v, n), code = XENT_OK;
    if (field == 0x7ff) return XENT_NOT_FINITE;
    for (int place = top_place(field);; place -= 3) {
        if (place > HIGHEST_CUT || place - 2 < LOWEST_CUT) {
            for (int i = 0; i < n; i++) code |= add_value(v[i], group, t);
            return code;
        }
        const double c0 = cutter(place), c1 = cutter(place - 1), c2 = cutter(place - 2);
        uint64_t s0 = 0, s1 = 0, s2 = 0, left = 0;
        for (int i = 0; i < n; i++) {
            double x = v[i];
            double d0 = x + c0, r0 = x - (d0 - c0), d1 = r0 + c1, r1 = r0 - (d1 - c1), d2 = r1 + c2, r2 = r1 - (d2 - c2);
            s0 += bits_of(d0);
            s1 += bits_of(d1);
            s2 += bits_of(d2);
            left |= bits_of(r2) << 1;         /* a zero of either sign is nothing */
            v[i] = r2;
        }
        code |= add_digit(t, place, group, (int64_t)(s0 - (uint64_t)n * bits_of(c0)));
        code |= add_digit(t, place - 1, group, (int64_t)(s1 - (uint64_t)n * bits_of(c1)));
        code |= add_digit(t, place - 2, group, (int64_t)(s2 - (uint64_t)n * bits_of(c2)));
        if (!left || code) return code;
    }
}

/* Add v[i] to group[i] for i in 0..n-1, n <= TILE, groups within those of t; v is spent. Two digits at a time. */
static int add_tile_by(double *restrict v, const int64_t *restrict group, int n, const Totals *t)
{
    int64_t upper[TILE], lower[TILE];
    int field = largest_field(v, n), code = XENT_OK;
    if (field == 0x7ff) return XENT_NOT_FINITE;
    for (int place = top_place(field);; place -= 2) {
        if (place > HIGHEST_CUT || place - 1 < LOWEST_CUT) {
            for (int i = 0; i < n; i++) code |= add_value(v[i], group[i], t);
            return code;
        }
        const double c0 = cutter(place), c1 = cutter(place - 1);
        uint64_t some0 = 0, some1 = 0, left = 0;
        for (int i = 0; i < n; i++) {
            double x = v[i], d0 = x + c0, r0 = x - (d0 - c0), d1 = r0 + c1, r1 = r0 - (d1 - c1);
            upper[i] = (int64_t)(bits_of(d0) - bits_of(c0));
            lower[i] = (int64_t)(bits_of(d1) - bits_of(c1));
            some0 |= (uint64_t)upper[i];
            some1 |= (uint64_t)lower[i];
            left |= bits_of(r1) << 1;
            v[i] = r1;
        }
        if ((some0 && !has_place(t, place)) || (some1 && !has_place(t, place - 1))) return XENT_OUTSIDE;
        int64_t *digits = t->digits + (place - t->first) * t->groups;
        if (some0) for (int i = 0; i < n; i++) digits[group[i]] += upper[i];
        if (some1) for (int i = 0; i < n; i++) digits[group[i] - t->groups] += lower[i];
        if (!left) return code;
    }
}

/* Digits of at most 2^(DIGIT - 1), but for the last place, which takes what is carried out of the others. */
static void carry_digits(const Totals *t)
{
    for (int p = 0; p + 1 < t->places; p++) {
        int64_t *digit = t->digits + p * t->groups, *next = digit + t->groups;
        for (int64_t g = 0; g < t->groups; g++) {
            int64_t up = (digit[g] + ((int64_t)1 << (DIGIT - 1))) >> DIGIT;
            digit[g] -= up * ((int64_t)1 << DIGIT);
            next[g] += up;
        }
    }
}

/* x = head + tail, each of at most 26 significant bits. */
INLINE double head_of(double x) { return of_bits((bits_of(x) + ((uint64_t)1 << 26)) & ~(((uint64_t)1 << 27) - 1)); }

/* What rounding took off product = x y (Dekker 1971): exact where neither over- nor underflows. */
INLINE double product_error(double x, double y, double product)
{
    double x_head = head_of(x), x_tail = x - x_head, y_head = head_of(y), y_tail = y - y_head;
    return (((x_head * y_head - product) + x_head * y_tail) + x_tail * y_head) + x_tail * y_tail;
}

/* Products of factors within 2^-480 .. 2^480 (or 0) and their errors are exact. Others are first scaled into it, by a
 * power of two; -1, 0 or 1 for those below, within and above. Each sum of products is kept by its power. */
enum { BAND_POWER = 560 };
INLINE int band_of(double x)
{
    double size = magnitude(x);
    int tiny = (size < 0x1p-480) & (size != 0.0);
    return (size > 0x1p480) - tiny;
}
INLINE double scaled_by(double x, int band) { return band ? x * (band > 0 ? 0x1p-560 : 0x1p560) : x; }

/* Add x[i] y[i], n <= TILE, to group `at` + 2 + the bands of both. */
static int add_products_tile(const double *x, const double *y, int n, int64_t at, const Totals *t)
{
    double product[TILE], error[TILE];
    int far = 0, code = XENT_OK;
    for (int i = 0; i < n; i++) far |= band_of(x[i]) | band_of(y[i]);
    if (!far) {
        for (int i = 0; i < n; i++) {
            product[i] = x[i] * y[i];
            error[i] = product_error(x[i], y[i], product[i]);
        }
        code |= add_tile(product, n, at + 2, t);
        return code | add_tile(error, n, at + 2, t);
    }
    for (int i = 0; i < n; i++) {
        int of_x = band_of(x[i]), of_y = band_of(y[i]), group = 2 + of_x + of_y;
        double a = scaled_by(x[i], of_x), b = scaled_by(y[i], of_y), each = a * b;
        if (!(magnitude(each) < INFINITY)) return XENT_NOT_FINITE;
        code |= add_value(each, at + group, t) | add_value(product_error(a, b, each), at + group, t);
    }
    return code;
}

/* The power of two next to w in steps of 2^256, counted in these; w is finite and >= 0. */
INLINE int octave_of(double w)
{
    double up = w < 0x1p-1022 ? w * 0x1p54 : w;
    int power = exponent_field(up) - 1022 - (w < 0x1p-1022 ? 54 : 0);   /* w is below 2^power, by half at most */
    return w == 0.0 ? 0 : (power + 128 + 2048) / 256 - 8;
}
INLINE double power_of_two(int power) { return of_bits((uint64_t)(1023 + power) << 52); }

/* Add w[i]^2 x[i], rounded as (x w) w, n <= TILE, to group `at` + 3 (4 + octave of w) + 1 + band of x. */
static int add_weighted_tile(const double *restrict x, const double *restrict w, int n, int64_t at, const Totals *t)
{
    double term[TILE];
    int far = 0, code = XENT_OK;
    for (int i = 0; i < n; i++) far |= band_of(x[i]) | !((w[i] >= 0x1p-129) & (w[i] < 0x1p127));
    if (!far) {
        for (int i = 0; i < n; i++) term[i] = x[i] * w[i] * w[i];
        return add_tile(term, n, at + XENT_UNSCALED, t);
    }
    for (int i = 0; i < n; i++) {
        if (!(w[i] >= 0.0) || !(w[i] < INFINITY) || !(magnitude(x[i]) < INFINITY)) return XENT_NOT_FINITE;
        int octave = octave_of(w[i]), band = band_of(x[i]);
        double scaled = w[i] * power_of_two(-128 * octave) * power_of_two(-128 * octave);
        code |= add_value(scaled_by(x[i], band) * scaled * scaled, at + 3 * (4 + octave) + 1 + band, t);
    }
    return code;
}

/* Likewise; without weights x itself, which is spent. */
static int add_twice(double *x, const double *w, int weighted, int n, int64_t at, const Totals *t)
{
    return weighted ? add_weighted_tile(x, w, n, at, t) : add_tile(x, n, at + XENT_UNSCALED, t);
}

#endif
