/* Delimited text: where its records end, and its fields as numbers and words.
 *
 * A record ends with LF, CRLF or CR outside of quotes; an empty line is none. A quote opens a field only as its first
 * byte; inside, two quotes are one. Another quote is a character, so that counting quotes alone tells nothing: whether
 * a byte is inside of quotes is known only by going from the beginning of a record.
 */
#ifndef XENT_TEXT_H
#define XENT_TEXT_H

#include "numbers.h"
#include "words.h"
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

static int is_word(const uint8_t *p, const uint8_t *end, const char *word)
{
    for (; *word; p++, word++)
        if (p == end || (*p | 0x20) != *word) return 0;
    return p == end;
}

enum { A_NUMBER, MISSING, NO_NUMBER };

/* What a field holds: "", " 0.5", "-inf", "NaN". Not at all: "  ", "1 2", "nan(1)", "0x1". */
static int read_number(const uint8_t *p, const uint8_t *end, uint8_t mark, double *value)
{
    *value = 0.0;
    if (p == end) return MISSING;
    while (p < end && (*p == ' ' || *p == '\t')) p++;
    while (p < end && (end[-1] == ' ' || end[-1] == '\t')) end--;
    const uint8_t *stop = read_decimal(p, end, mark, value);
    if (stop) return stop == end ? A_NUMBER : NO_NUMBER;
    int minus = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (is_word(p, end, "nan")) *value = NAN;
    else if (is_word(p, end, "inf") || is_word(p, end, "infinity")) *value = minus ? -INFINITY : INFINITY;
    else return NO_NUMBER;
    return A_NUMBER;
}

/* The number of a field's word; -1 without room. Doubled quotes are made one where a new word would stand. */
static int64_t read_word(XentWords *w, const Field *f)
{
    if (!f->doubled) return number_of_word(w, f->begin, f->end - f->begin);
    uint8_t *to = w->bytes + w->ends[w->count];
    int64_t n = 0;
    if (f->end - f->begin > w->bytes_room - w->ends[w->count]) return -1;
    for (const uint8_t *p = f->begin; p < f->end; p++) {
        to[n++] = *p;
        p += *p == '"';
    }
    return number_of_word(w, to, n);
}

/* Faults: the first of each kind, and how many records have one. */

static void note_stray(XentText *t, const Field *f, int64_t row, int64_t column, int64_t line)
{
    if (!t->stray_rows) {
        t->stray_begin = f->begin - 1 - t->text;
        t->stray_close = f->end + 1 - t->text;
        t->stray_column = column;
        t->stray_line = line;
    }
    t->stray_rows += !t->stray_rows || t->stray_row != row;
    t->stray_row = row;
    t->stray_last = line;
}

/* Of a record, that of the column asked for first. */
static void note_bad_number(XentText *t, const uint8_t *begin, const uint8_t *end, int64_t row, int64_t place, int64_t line)
{
    int again = t->bad_rows && t->bad_row == row;
    if (!t->bad_rows || (again && t->bad_rows == 1 && place < t->bad_place)) {
        t->bad_place = place;
        t->bad_begin = begin - t->text;
        t->bad_end = end - t->text;
        t->bad_line = line;
    }
    t->bad_rows += !again;
    t->bad_row = row;
    t->bad_last = line;
}

/* Digits, signs and letters as a delimiter could be taken for a part of a number. */
static int may_be_of_number(uint8_t c, uint8_t mark)
{
    return is_digit(c) || c == '+' || c == '-' || c == mark || (c | 0x20) == 'e';
}

/* The columns of whole records. The last byte is a line end. */
static int32_t read_text(XentText *t)
{
    const uint8_t *p = t->text, *end = p + t->size;
    const uint8_t delimiter = (uint8_t)t->delimiter, mark = (uint8_t)t->decimal;
    const int at_once = !may_be_of_number(delimiter, mark);  /* a number ends where its field does */
    int64_t row = 0, line = t->line;
    while (p < end) {
        if (is_line_end(*p)) {
            p += 1 + (*p == '\r' && p + 1 < end && p[1] == '\n');
            line++;
            continue;
        }
        if (row == t->room) return XENT_BAD_ARGUMENT;
        t->lines[row] = line;
        int64_t column = 0, first = line;
        for (;; p++, column++) {
            int64_t place = column < t->columns ? t->places[column] : -1, cell = place * t->room + row;
            if (place >= 0 && place < t->numbers && at_once) {
                const uint8_t *stop = read_decimal(p, end, mark, t->values + cell);
                if (stop && stop < end && (*stop == delimiter || is_line_end(*stop))) {
                    t->missing[cell] = 0;
                    p = stop;
                    if (*p != delimiter) break;
                    continue;
                }
            }
            Field f;
            if (!read_field(p, end, delimiter, &f)) return XENT_BAD_ARGUMENT;
            if (f.stray) note_stray(t, &f, row, column, line);
            if (place >= t->numbers) {
                XentWords *w = t->words + (place - t->numbers);
                int64_t word = read_word(w, &f);
                if (word < 0) {
                    t->full = place - t->numbers;
                    return XENT_OK;
                }
                w->codes[row] = word;
            } else if (place >= 0) {
                int kind = read_number(f.begin, f.end, mark, t->values + cell);
                t->missing[cell] = kind == MISSING;
                t->missing_rows[place] += kind == MISSING;
                if (kind == NO_NUMBER) note_bad_number(t, p, f.next, row, place, first);
            }
            line += f.lines;
            p = f.next;
            if (p == end || *p != delimiter) break;
        }
        if (++column != t->columns && !t->wrong_line) {
            t->wrong_line = first;
            t->wrong_fields = column;
        }
        row++;
        if (p == end) return XENT_BAD_ARGUMENT;
        p += 1 + (*p == '\r' && p + 1 < end && p[1] == '\n');
        line++;
    }
    t->rows = row;
    return XENT_OK;
}

#endif
