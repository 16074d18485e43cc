/* The exported functions of one level of SIMD for the two large states, of rows that lie apart from their scoring.
 *
 * Part of level.c, which names them and knows which arrays can be. Rows are taken tile by tile from *next on, which
 * comes to stand at the first of those that were not.
 */
#ifndef EXPORT
#error "to be included by level.c"
#endif

INLINE int tile_at(int64_t i, int64_t n) { return n - i < XENT_TILE_ROWS ? (int)(n - i) : XENT_TILE_ROWS; }

/* Add rows of log-odds, and whether class 1 is the true one. */
XENT_API int32_t EXPORT(add_odds)(XentOdds *t, const double *odds, const uint8_t *positive, int64_t n, int64_t *next)
{
    if (!is_odds_table(t) || t->words != XENT_COUNT_WORDS || !is_array(odds, n) || !is_array(positive, n)
        || !next || *next < 0) return XENT_BAD_ARGUMENT;
    double is_1[XENT_TILE_ROWS];
    int code = XENT_OK;
    int64_t i = *next;
    for (int m; i < n; i += m) {
        m = tile_at(i, n);
        for (int j = 0; j < m; j++) is_1[j] = (double)positive[i + j];
        code = add_odds(t, odds + i, is_1, m);
        if (code) break;
    }
    *next = i;
    return code;
}

/* Add rows of log-odds, the share of class 1 in what happened, and weights or NULL for ones. */
XENT_API int32_t EXPORT(add_weighted_odds)(XentOdds *t, const double *odds, const double *positive,
                                           const double *weights, int64_t n, int64_t *next)
{
    if (!is_odds_table(t) || t->words != XENT_WEIGHT_WORDS || !is_array(odds, n) || !is_array(positive, n)
        || !next || *next < 0) return XENT_BAD_ARGUMENT;
    int code = XENT_OK;
    int64_t i = *next;
    for (int m; i < n; i += m) {
        m = tile_at(i, n);
        code = add_weighted_odds(t, odds + i, positive + i, weights ? weights + i : NULL, m);
        if (code) break;
    }
    *next = i;
    return code;
}

/* Move what a table has to an empty one of the same keys or of cells. */
XENT_API int32_t EXPORT(move_odds)(const XentOdds *from, XentOdds *to)
{
    if (!is_odds_table(from) || !is_odds_table(to) || from->shift > to->shift || to->used || to->rows
        || from->words != to->words)
        return XENT_BAD_ARGUMENT;
    return add_table(from, to);
}

/* Keys of n rows of an input whose mixed number is `start`; rows NULL for consecutive ones from `first` on. */
XENT_API int32_t EXPORT(row_keys)(uint64_t start, const int64_t *rows, int64_t first, int64_t n, uint64_t *keys)
{
    if (!is_array(keys, n)) return XENT_BAD_ARGUMENT;
    for (int64_t i = 0; i < n; i += XENT_TILE_ROWS)
        row_keys(start, rows ? rows + i : NULL, (int64_t)((uint64_t)first + (uint64_t)i), tile_at(i, n), keys + i);
    return XENT_OK;
}

/* Offer rows of finite loss: log_q [classes][n]; labels [n] or targets [classes][n]; weights or NULL for ones. */
XENT_API int32_t EXPORT(keep_rows)(XentKept *t, const double *log_q, const int64_t *labels, const double *targets,
                                   const double *weights, const uint64_t *keys, int64_t n, int64_t *next)
{
    if (!is_kept_room(t) || n < 0 || n > MOST_VALUES / t->classes || !is_array(log_q, n * t->classes) 
        || !is_array(keys, n) || !next || *next < 0) return XENT_BAD_ARGUMENT;
    if (n && t->capacity && (!labels != !t->labels || !targets != !t->targets)) return XENT_BAD_ARGUMENT;
    double true_class[XENT_TILE_ROWS];
    int code = XENT_OK;
    int64_t i = *next;
    for (int m; i < n; i += m) {
        m = tile_at(i, n);
        if (labels && !are_labels(labels + i, m, t->classes)) return XENT_BAD_ARGUMENT;
        for (int j = 0; j < m && labels; j++) true_class[j] = (double)labels[i + j];
        const Offer tile = {log_q + i, n, labels ? true_class : NULL, targets ? targets + i : NULL,
                            weights ? weights + i : NULL, NULL, keys + i};
        code = keep_rows(t, &tile, m);
        if (code) break;
    }
    *next = i;
    return code;
}

/* Keep only the rows of this level, in place. */
XENT_API int32_t EXPORT(drop_rows)(XentKept *t, int64_t level)
{
    if (!is_kept_room(t) || level < t->level || level > KEY_BITS) return XENT_BAD_ARGUMENT;
    drop_rows(t, level);
    return XENT_OK;
}

/* Add to hashes[n] the bits of values [classes][n], each mixed with its place: that of class 0 is `place`. */
XENT_API int32_t EXPORT(add_hashes)(const double *values, int64_t classes, int64_t n, uint64_t place, uint64_t *hashes)
{
    if (n < 0 || classes < 0 || (n && classes > MOST_VALUES / n) || !is_array(values, n * classes)
        || !is_array(hashes, n)) return XENT_BAD_ARGUMENT;
    for (int64_t i = 0; i < n; i += XENT_TILE_ROWS)
        add_hashes(values + i, n, classes, place, tile_at(i, n), hashes + i);
    return XENT_OK;
}

/* hashes[n], each mixed once more. */
XENT_API int32_t EXPORT(mix)(uint64_t *hashes, int64_t n)
{
    if (!is_array(hashes, n)) return XENT_BAD_ARGUMENT;
    for (int64_t i = 0; i < n; i++) hashes[i] = mix(hashes[i]);
    return XENT_OK;
}
