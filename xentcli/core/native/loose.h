/* Text whose fields are told apart more loosely: by any run of blanks, or with blanks beside the delimiter, and with
 * lines that are comments. Slower than the usual text, and read by the same rules otherwise.
 */
#ifndef XENT_LOOSE_H
#define XENT_LOOSE_H

#include "text.h"

/* How fields are told apart. */
typedef struct {
    uint8_t delimiter;
    int runs, trims;                          /* any run of blanks is a delimiter; blanks beside a delimiter are nothing */
    int comment;                              /* what comments begin with, or -1 */
} Fields;

static inline int is_blank(uint8_t c, const Fields *f)
{
    return c == ' ' || (c == '\t' && (f->runs || f->delimiter != '\t'));
}

static inline int ends_field(uint8_t c, const Fields *f)
{
    return is_line_end(c) || (f->runs ? is_blank(c, f) : c == f->delimiter);
}

static inline const uint8_t *skip_blanks(const uint8_t *p, const uint8_t *end, const Fields *f)
{
    while (p < end && (f->runs || f->trims) && is_blank(*p, f)) p++;
    return p;
}

static inline const uint8_t *skip_to_line_end(const uint8_t *p, const uint8_t *end)
{
    while (p < end && !is_line_end(*p)) p++;
    return p;
}

/* Where the record at p begins in its line: at its end, if that is blank or a comment. */
static inline const uint8_t *skip_to_record(const uint8_t *p, const uint8_t *end, const Fields *f)
{
    const uint8_t *first = skip_blanks(p, end, f), *at = f->runs ? first : p;
    if (at < end && f->comment >= 0 && *at == f->comment) return skip_to_line_end(at, end);
    return first == end || is_line_end(*first) ? first : at;
}

/* Behind the quote that closes a field whose text begins at p; NULL if none does. */
static inline const uint8_t *skip_quoted(const uint8_t *p, const uint8_t *end)
{
    for (; p < end; p++)
        if (*p == '"' && (++p == end || *p != '"')) return p;
    return NULL;
}

/* As `find_last_end`. */
static int64_t find_last_loose_end(const uint8_t *text, int64_t size, const Fields *f, int64_t *open)
{
    const uint8_t *end = text + size, *p = text, *last = text;
    *open = -1;
    while (p < end) {
        p = skip_to_record(p, end, f);
        while (p < end && !is_line_end(*p)) {
            p = skip_blanks(p, end, f);
            if (p < end && *p == '"') {
                const uint8_t *quote = p;
                if (!(p = skip_quoted(p + 1, end))) {
                    *open = quote - text;
                    return last - text;
                }
            }
            while (p < end && !ends_field(*p, f)) p++;
            p += p < end && !is_line_end(*p);
        }
        if (p == end || (*p == '\r' && p + 1 == end)) break;  /* a CR at the very end may be half of a line end */
        p += 1 + (*p == '\r' && p[1] == '\n');
        last = p;
    }
    return last - text;
}

/* As `read_field`; `next` is at a delimiter with a field behind it, or at a line end. */
static int read_loose_field(const uint8_t *p, const uint8_t *end, const Fields *how, Field *f)
{
    f->lines = 0;
    f->doubled = f->stray = 0;
    f->begin = p = skip_blanks(p, end, how);
    if (p < end && *p == '"') {
        f->begin = p + 1;
        if (!(p = skip_quoted(p + 1, end))) return 0;
        f->end = p - 1;
        f->doubled = memchr(f->begin, '"', (size_t)(f->end - f->begin)) != NULL;
        f->lines = count_line_ends(f->begin, f->end - f->begin);
        if (how->trims) p = skip_blanks(p, end, how);
        f->stray = !ends_field(*p, how);
        while (!ends_field(*p, how)) p++;
    } else {
        while (!ends_field(*p, how)) p++;
        f->end = p;
        while (how->trims && f->end > f->begin && is_blank(f->end[-1], how)) f->end--;
    }
    f->next = p;
    if (how->runs && is_line_end(*(p = skip_blanks(p, end, how)))) f->next = p;  /* blanks at the end are nothing */
    return 1;
}

#endif
