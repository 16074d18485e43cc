/* The exported functions of text, of one level of SIMD; as in level.c, their arguments are checked here once more. */
#include "records.h"
#include "export.h"

enum { MOST_COLUMNS = INT32_MAX };

static int is_byte(int64_t c) { return c >= 0 && c < 128 && c != '"' && c != '\n' && c != '\r'; }

static int is_comment(int64_t c, int64_t delimiter) { return c == -1 || (is_byte(c) && c != delimiter && c > ' '); }

/* Where the last complete record of text[0..size) ends, the lines to there, and an open quote: found[3], as in text.h. */
XENT_API int32_t EXPORT(cut)(const uint8_t *text, int64_t size, int64_t delimiter, int64_t trims, int64_t comment,
                             int64_t *found)
{
    if (!is_array(text, size) || !is_byte(delimiter) || !is_comment(comment, delimiter) || !found) return XENT_BAD_ARGUMENT;
    found[0] = found[1] = 0;
    found[2] = -1;
    if (!size) return XENT_OK;
    const Fields how = {(uint8_t)delimiter, delimiter == ' ', trims != 0, (int)comment};
    const int loose = how.runs || how.trims || how.comment >= 0;
    found[0] = loose ? find_last_loose_end(text, size, &how, &found[2])
                     : find_last_end(text, size, (uint8_t)delimiter, &found[2]);
    found[1] = count_line_ends(text, found[0]);
    return XENT_OK;
}

static int has_room(XentWords *w, int64_t rows)
{
    return is_array(w->codes, rows) && w->codes && is_array(w->bytes, w->bytes_room) && is_array(w->ends, w->ends_room)
           && is_array(w->table, w->table_room) && w->ends_room <= INT32_MAX && begin_words(w);
}

static int are_spellings(const XentText *t)
{
    if (t->spellings < 0 || !is_array(t->spelling_ends, t->spellings) || !is_array(t->spelled, t->spellings)) return 0;
    for (int64_t k = 0, from = 0; k < t->spellings; from = t->spelling_ends[k++])
        if (t->spelling_ends[k] < from) return 0;
    return !t->spellings || (t->spelling && t->spelling_ends && t->spelled);
}

/* Parse whole records; see XentText. */
XENT_API int32_t EXPORT(read_text)(XentText *t)
{
    if (!t || t->size < 1 || !is_array(t->text, t->size) || !is_line_end(t->text[t->size - 1]) || !is_byte(t->delimiter)
        || !is_byte(t->decimal) || !is_comment(t->comment, t->delimiter) || !are_spellings(t)) return XENT_BAD_ARGUMENT;
    if (t->columns < 1 || t->columns > MOST_COLUMNS || !t->places || t->room < 1 || !is_array(t->lines, t->room)
        || t->numbers < 0 || t->texts < 0 || t->numbers > t->columns || t->texts > t->columns
        || t->room > MOST_VALUES / t->columns) return XENT_BAD_ARGUMENT;
    if (t->numbers && (!t->values || !t->missing || !t->missing_rows)) return XENT_BAD_ARGUMENT;
    if (t->texts && !t->words) return XENT_BAD_ARGUMENT;
    if (!t->begins != !t->ends || !t->begins != !t->record_ends) return XENT_BAD_ARGUMENT;
    for (int64_t c = 0; c < t->columns; c++)
        if (t->places[c] >= t->numbers + t->texts) return XENT_BAD_ARGUMENT;
    for (int64_t k = 0; k < t->texts; k++)
        if (!has_room(t->words + k, t->room)) return XENT_BAD_ARGUMENT;
    for (int64_t k = 0; k < t->numbers; k++) t->missing_rows[k] = 0;
    for (int64_t k = 0; k < t->spellings; k++) t->spelled[k] = 0;
    t->rows = t->stray_rows = t->bad_rows = t->wrong_line = 0;
    t->full = -1;
    t->not_utf8 = !is_utf8(t->text, t->size);
    return t->not_utf8 ? XENT_OK : read_text(t);
}
