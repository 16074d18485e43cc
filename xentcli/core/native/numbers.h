/* Decimal text to the nearest float64, ties to even: exactly what Python's float() gives, in any locale.
 *
 * value = w 10^q = w 5^q 2^q, with w the digits as a whole number. Up to 19 digits fit into w, and then the first 128
 * bits of 5^q tell the nearest float64 always (Lemire, Number parsing at a gigabyte per second, 2021; that no case
 * needs more bits: Mushtak and Lemire, Fast number parsing without fallback, 2023). Of more digits the first 19 bound
 * the value by w and w + 1; where these round to two float64, whole numbers of any length decide between them.
 */
#ifndef XENT_NUMBERS_H
#define XENT_NUMBERS_H

#include <math.h>
#include <string.h>

#include "big.h"
#include "powers.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first of eight bytes is the lowest of a word");

enum {
    WORD_DIGITS = 19,                         /* so many digits always fit into a word */
    MOST_DIGITS = 800,                        /* a midpoint of two float64 has no more than 767 */
    FRACTION_BITS = 52,                       /* of a float64 */
    BIAS = 1023,
    INFINITE = 0x7ff                          /* the exponent of what is no finite number */
};

static inline int is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

static inline uint64_t load_word(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

/* The highest bit of the first of eight bytes that is no digit, and perhaps of some after it. */
static inline uint64_t first_no_digit(uint64_t word)
{
    word ^= 0x3030303030303030u;              /* 0..9 for digits */
    return (word | (word + 0x7676767676767676u)) & 0x8080808080808080u;
}

/* The number of eight digits, or zero bytes: of pairs, then of pairs of pairs, then all. */
static inline uint64_t eight_digits(uint64_t word)
{
    word = ((word & 0x0f0f0f0f0f0f0f0fu) * (10 * 256 + 1)) >> 8;
    word = ((word & 0x00ff00ff00ff00ffu) * (100 * 65536 + 1)) >> 16;
    return ((word & 0x0000ffff0000ffffu) * ((uint64_t)10000 * 4294967296u + 1)) >> 32;
}

static inline double from_parts(uint64_t fraction, int64_t exponent)
{
    uint64_t bits = fraction | (uint64_t)exponent << FRACTION_BITS;
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

/* w 10^q, rounded; w > 0. */
static double round_product(uint64_t w, int64_t q)
{
    if (q < FIRST_POWER) return 0.0;
    if (q > LAST_POWER) return INFINITY;
    const uint64_t *power = powers_of_five[q - FIRST_POWER];
    const uint64_t undecided = 0x1ff;         /* low bits of the product's upper half that the lower half may carry into */
    int zeros = __builtin_clzll(w);
    w <<= zeros;
    unsigned __int128 product = (unsigned __int128)w * power[0];
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    if ((high & undecided) == undecided) {
        uint64_t more = (uint64_t)(((unsigned __int128)w * power[1]) >> 64);
        low += more;
        high += low < more;
    }
    int top = (int)(high >> 63), shift = top + 64 - FRACTION_BITS - 3;
    uint64_t m = high >> shift;               /* 54 bits: those of the float64, and one to round by */
    /* floor(q log2(10)) = q + floor(q log2(5)), by a fraction that is close enough for all q here */
    int64_t exponent = ((217706 * q) >> 16) + 63 + top - zeros + BIAS;
    if (exponent <= 0) {                      /* subnormal: cut first, then round once */
        if (exponent <= -63) return 0.0;
        m >>= 1 - exponent;
        m = (m + (m & 1)) >> 1;
        return from_parts(m, 0);              /* 2^52, if it was rounded up to that, is the exponent of the first normal */
    }
    /* A tie goes to the even one. Only where 5^q or its inverse fits into a word can the product be one. */
    if (low <= 1 && q >= -4 && q <= 23 && (m & 3) == 1 && m << shift == high) m &= ~(uint64_t)1;
    m = (m + (m & 1)) >> 1;
    if (m >> (FRACTION_BITS + 1)) {           /* rounded up to the next power of two */
        m >>= 1;
        exponent++;
    }
    return exponent >= INFINITE ? INFINITY : from_parts(m & (((uint64_t)1 << FRACTION_BITS) - 1), exponent);
}

/* Behind the digits at p, which are put behind those of w. */
static inline const uint8_t *read_digits(const uint8_t *p, const uint8_t *end, uint64_t *w)
{
    static const uint32_t ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    while (end - p >= 8) {
        uint64_t word = load_word(p), other = first_no_digit(word);
        if (other) {                          /* without a loop: how many there are is hard to predict */
            int count = __builtin_ctzll(other) >> 3;
            *w = *w * ten[count] + eight_digits(word << (56 - 8 * count) << 8);
            return p + count;
        }
        *w = *w * 100000000 + eight_digits(word);
        p += 8;
    }
    for (; p < end && is_digit(*p); p++) *w = *w * 10 + (uint64_t)(*p - '0');
    return p;
}

/* w 10^q, rounded. */
static inline double nearest(uint64_t w, int64_t q)
{
    static const double ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (w <= (uint64_t)1 << 53 && q >= -22 && q <= 22)  /* both are exact, so that one operation rounds once */
        return q < 0 ? (double)w / ten[-q] : (double)w * ten[q];
    return w ? round_product(w, q) : 0.0;
}

/* Whether the digits at p, up to `end` and with a decimal mark among them, times 10^q are nearer to the float64 above
 * `low` than to `low`; of a tie the even one. The last digit counts 1. */
static int is_nearer_above(const uint8_t *p, const uint8_t *end, int64_t q, double low)
{
    uint64_t bits;
    memcpy(&bits, &low, 8);
    int64_t exponent = (int64_t)(bits >> FRACTION_BITS);
    uint64_t m = (bits & (((uint64_t)1 << FRACTION_BITS) - 1)) | (uint64_t)(exponent > 0) << FRACTION_BITS;
    Big value = {{0}, 0}, midpoint = {{0}, 0};
    append_limb(&midpoint, 2 * m + 1);
    int64_t two = (exponent ? exponent : 1) - BIAS - FRACTION_BITS - 1;  /* midpoint = (2 m + 1) 2^two */
    int more = 0;                             /* whether digits beyond MOST_DIGITS say that it is a little more */
    for (int taken = 0; p < end; p++) {
        if (!is_digit(*p)) continue;
        if (taken < MOST_DIGITS) {
            multiply_add(&value, 10, (uint64_t)(*p - '0'));
            taken += value.used > 0;          /* leading zeros are none */
        } else {
            more |= *p != '0';
            q++;
        }
    }
    if (q >= 0) multiply_by_five(&value, q);
    else multiply_by_five(&midpoint, -q);
    if (q >= two) multiply_by_two(&value, q - two);
    else multiply_by_two(&midpoint, two - q);
    int sign = compare(&value, &midpoint);
    return sign ? sign > 0 : more || (m & 1);
}

/* The digits at p, more than 19 of them with leading zeros, times 10^q. */
static double round_long(const uint8_t *p, const uint8_t *end, int64_t q)
{
    const uint8_t *first = p;
    uint64_t w = 0;
    int64_t taken = 0, left = 0;
    for (; p < end; p++) {
        if (!is_digit(*p)) continue;
        if (taken == WORD_DIGITS) left++;
        else {
            w = w * 10 + (uint64_t)(*p - '0');
            taken += w > 0;
        }
    }
    double low = nearest(w, q + left);
    if (!left || low == nearest(w + 1, q + left)) return low;
    return is_nearer_above(first, end, q, low) ? nearest(w + 1, q + left) : low;
}

/* Behind the digits of an exponent, which is added to q; NULL if there are none. */
static const uint8_t *read_exponent(const uint8_t *p, const uint8_t *end, int64_t *q)
{
    const int64_t most = 100000000000000000;  /* no field has so many digits as could make up for it */
    int minus = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end || !is_digit(*p)) return NULL;
    int64_t exponent = 0;
    for (; p < end && is_digit(*p); p++)
        if (exponent < most) exponent = exponent * 10 + (*p - '0');
    *q += minus ? -exponent : exponent;
    return p;
}

/* Behind the longest decimal number at p, `mark` being its decimal mark; NULL if there is none. Not a byte is read
 * from `end` on. Sign, digits with at most one mark, exponent: "-1.5e3", "+.5", "5."; neither nan nor inf, no hex. */
static inline const uint8_t *read_decimal(const uint8_t *p, const uint8_t *end, uint8_t mark, double *value)
{
    int minus = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    const uint8_t *first = p;
    uint64_t w = 0;                           /* of more than 19 digits it is not used */
    for (; p < end && is_digit(*p); p++) w = w * 10 + (uint64_t)(*p - '0');
    int64_t count = p - first, q = 0;
    if (p < end && *p == mark) {
        const uint8_t *fraction = ++p;
        p = read_digits(p, end, &w);
        q = fraction - p;
        count -= q;
    }
    if (!count) return NULL;
    const uint8_t *last = p;
    if (p < end && (*p | 0x20) == 'e' && !(p = read_exponent(p + 1, end, &q))) return NULL;
    double size = count > WORD_DIGITS ? round_long(first, last, q) : nearest(w, q);
    *value = minus ? -size : size;
    return p;
}

#endif
