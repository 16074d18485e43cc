/* The records of a text as columns of numbers and words, and what is wrong in them. */
#ifndef XENT_RECORDS_H
#define XENT_RECORDS_H

#include "loose.h"
#include "words.h"

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

static Fields fields_of(const XentText *t)
{
    Fields how = {(uint8_t)t->delimiter, t->delimiter == ' ', t->trims != 0, (int)t->comment};
    return how;
}

/* Whether a field, but for blanks around it, is a spelling of what is missing; if so, it is counted. */
static int is_missing_word(XentText *t, const uint8_t *p, const uint8_t *end)
{
    while (p < end && (*p == ' ' || *p == '\t')) p++;
    while (p < end && (end[-1] == ' ' || end[-1] == '\t')) end--;
    for (int64_t k = 0, from = 0; k < t->spellings; from = t->spelling_ends[k++])
        if (t->spelling_ends[k] - from == end - p && !memcmp(t->spelling + from, p, (size_t)(end - p))) {
            t->spelled[k]++;
            return 1;
        }
    return 0;
}

/* The columns of whole records. The last byte is a line end. `loose` is known where this is compiled; only so does it
 * tell where fields are. */
static inline __attribute__((always_inline)) int32_t read_records(XentText *t, const int loose)
{
    const uint8_t *p = t->text, *end = p + t->size;
    const uint8_t delimiter = (uint8_t)t->delimiter, mark = (uint8_t)t->decimal;
    const Fields how = fields_of(t);
    const int at_once = !loose && !may_be_of_number(delimiter, mark);  /* a number ends where its field does */
    int64_t row = 0, line = t->line;
    while (p < end) {
        if (loose) p = skip_to_record(p, end, &how);
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
            if (!(loose ? read_loose_field(p, end, &how, &f) : read_field(p, end, delimiter, &f))) return XENT_BAD_ARGUMENT;
            if (f.stray) note_stray(t, &f, row, column, line);
            if (loose && place >= 0 && t->begins) {
                t->begins[cell] = f.begin - t->text;
                t->ends[cell] = f.end - t->text;
            }
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
                if (kind == NO_NUMBER && is_missing_word(t, f.begin, f.end)) kind = MISSING;
                t->missing[cell] = kind == MISSING;
                t->missing_rows[place] += kind == MISSING;
                if (kind == NO_NUMBER) note_bad_number(t, p, f.next, row, place, first);
            }
            line += f.lines;
            p = f.next;
            if (p == end || (loose ? is_line_end(*p) : *p != delimiter)) break;
        }
        if (++column != t->columns && !t->wrong_line) {
            t->wrong_line = first;
            t->wrong_fields = column;
        }
        if (p == end) return XENT_BAD_ARGUMENT;
        if (loose && t->begins) t->record_ends[row] = p - t->text;
        row++;
        p += 1 + (*p == '\r' && p + 1 < end && p[1] == '\n');
        line++;
    }
    t->rows = row;
    return XENT_OK;
}

static int32_t read_text(XentText *t)
{
    return t->delimiter == ' ' || t->trims || t->comment >= 0 || t->begins ? read_records(t, 1) : read_records(t, 0);
}

#endif
