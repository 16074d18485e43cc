/* Delimited text: where its records end, and its fields as numbers and words.
 *
 * A record ends with LF, CRLF or CR outside of quotes; an empty line is none. A quote opens a field only as its first
 * byte; inside, two quotes are one. Another quote is a character, so that counting quotes alone tells nothing: whether
 * a byte is inside of quotes is known only by going from the beginning of a record.
 */
#ifndef XENT_TEXT_H
#define XENT_TEXT_H

#include "numbers.h"
#include "xent.h"

#define EACH_BYTE(c) (0x0101010101010101u * (uint64_t)(c))

static inline int is_line_end(uint8_t c) { return c == '\n' || c == '\r'; }

/* The highest bit of the first byte of a word that is 0, and perhaps of some after it. */
static inline uint64_t first_zero(uint64_t word) { return (word - EACH_BYTE(1)) & ~word & EACH_BYTE(0x80); }

static inline uint64_t first_equal(uint64_t word, uint8_t c) { return first_zero(word ^ EACH_BYTE(c)); }

static inline int64_t place_of(uint64_t found) { return __builtin_ctzll(found) >> 3; }

/* The first byte from p on that ends a field outside of quotes; `end` if there is none. */
static inline const uint8_t *find_field_end(const uint8_t *p, const uint8_t *end, uint8_t delimiter)
{
    for (; end - p >= 8; p += 8) {
        uint64_t word = load_word(p);
        uint64_t found = first_equal(word, delimiter) | first_equal(word, '\n') | first_equal(word, '\r');
        if (found) return p + place_of(found);
    }
    while (p < end && *p != delimiter && !is_line_end(*p)) p++;
    return p;
}

/* The first quote from p on; `end` if there is none. */
static inline const uint8_t *find_quote(const uint8_t *p, const uint8_t *end)
{
    for (int i = 0; i < 4 && end - p >= 8; i++, p += 8) {
        uint64_t found = first_equal(load_word(p), '"');
        if (found) return p + place_of(found);
    }
    p = memchr(p, '"', (size_t)(end - p));    /* which takes a while to begin, and is fast from then on */
    return p ? p : end;
}

/* Lines that end in p[0..n); a CR at its very end is one, whatever follows. */
static int64_t count_line_ends(const uint8_t *p, int64_t n)
{
    int64_t count = 0;
    for (int64_t at = 0; at < n; at += 255) {
        int64_t stop = n - 1 - at < 255 ? n - 1 - at : 255;
        uint8_t some = 0;                     /* at most 255: bytes are counted in bytes, so many at once */
        for (int64_t i = 0; i < stop; i++) some += (p[at + i] == '\n') | ((p[at + i] == '\r') & (p[at + i + 1] != '\n'));
        count += some;
    }
    return count + (n > 0 && is_line_end(p[n - 1]));
}

/* Whether a line ends in p[0..n), behind which there is text up to `end`. */
static inline int has_line_end(const uint8_t *p, int64_t n, const uint8_t *end)
{
    for (; n > 0 && end - p >= 8; p += 8, n -= 8) {
        uint64_t word = load_word(p), found = first_equal(word, '\n') | first_equal(word, '\r');
        if (found) return place_of(found) < n;
    }
    for (; n > 0; p++, n--)
        if (is_line_end(*p)) return 1;
    return 0;
}

/* Behind the last line that ends between p and `end`, or p. A CR just before `end` is none where an LF may follow. */
static const uint8_t *last_line_end(const uint8_t *p, const uint8_t *end, int may_go_on)
{
    const uint8_t *at = end - (may_go_on && end > p && end[-1] == '\r');
    while (at > p && !is_line_end(at[-1])) at--;
    return at;
}

/* Where the last record that is complete ends in text[0..size), which begins with a record: 0 if none is.
 *
 * *open: where a quote opens that is not closed, or -1. */
static int64_t find_last_end(const uint8_t *text, int64_t size, uint8_t delimiter, int64_t *open)
{
    const uint8_t *end = text + size, *p = text, *from = text, *to = text;  /* where the last line end is looked for */
    *open = -1;
    while (p < end) {                         /* outside of quotes */
        const uint8_t *quote = find_quote(p, end);
        while (quote < end && quote > text && quote[-1] != delimiter && !is_line_end(quote[-1]))
            quote = find_quote(quote + 1, end);  /* a character */
        if (quote == end ? last_line_end(p, end, 1) > p : has_line_end(p, quote - p, end)) {
            from = p;
            to = quote;
        }
        if (quote == end) break;
        for (p = quote + 1; (p = find_quote(p, end)) < end && p + 1 < end && p[1] == '"';) p += 2;
        if (p == end) {
            *open = quote - text;
            break;
        }
        p++;
    }
    const uint8_t *last = last_line_end(from, to, to == end);
    return last > from ? last - text : 0;
}

/* Whether s[0..n) is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
static int is_utf8(const uint8_t *s, int64_t n)
{
    int64_t ascii = 0;                        /* bytes that are, from the beginning */
    while (n - ascii >= 32) {
        const uint8_t *p = s + ascii;
        if ((load_word(p) | load_word(p + 8) | load_word(p + 16) | load_word(p + 24)) & EACH_BYTE(0x80)) break;
        ascii += 32;
    }
    for (int64_t i = ascii; i < n;) {
        uint8_t c = s[i++];
        if (c < 0x80) continue;
        int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || n - i < more) return 0;
        uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80, high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        if (s[i] < low || s[i] > high) return 0;
        for (int k = 1; k < more; k++)
            if ((s[i + k] & 0xc0) != 0x80) return 0;
        i += more;
    }
    return 1;
}

/* A field: what it holds, with quotes inside still doubled, and the delimiter or line end behind it. */
typedef struct {
    const uint8_t *begin, *end, *next;
    int64_t lines;                            /* that end inside */
    int doubled, stray;                       /* quotes that are; text after the closing quote */
} Field;

/* The field at p; 0 if its quote is never closed. The last byte before `end` is a line end. */
static inline int read_field(const uint8_t *p, const uint8_t *end, uint8_t delimiter, Field *f)
{
    f->begin = p;
    f->lines = 0;
    f->doubled = f->stray = 0;
    if (*p != '"') {
        f->end = f->next = find_field_end(p, end, delimiter);
        return 1;
    }
    f->begin = ++p;
    for (;;) {
        p = find_quote(p, end);
        if (p == end) return 0;
        if (p[1] != '"') break;
        f->doubled = 1;
        p += 2;
    }
    f->end = p++;
    f->next = find_field_end(p, end, delimiter);
    f->stray = f->next > p;
    if (has_line_end(f->begin, f->end - f->begin, end)) f->lines = count_line_ends(f->begin, f->end - f->begin);
    return 1;
}

#endif
