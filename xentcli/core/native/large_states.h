/* The exported functions of one level of SIMD for the two large states, of rows that lie apart from their scoring.
 *
 * Part of level.c, which names them and knows which arrays can be. Rows are taken tile by tile from *next on, which
 * comes to stand at the first of those that were not.
 */
#ifndef EXPORT
#error "to be included by level.c"
#endif

INLINE int tile_at(int64_t i, int64_t n) { return n - i < XENT_TILE_ROWS ? (int)(n - i) : XENT_TILE_ROWS; }

/* Keys of n rows of an input whose mixed number is `start`; rows NULL for consecutive ones from `first` on. */
XENT_API int32_t EXPORT(row_keys)(uint64_t start, const int64_t *rows, int64_t first, int64_t n, uint64_t *keys)
{
    if (!is_array(keys, n)) return XENT_BAD_ARGUMENT;
    for (int64_t i = 0; i < n; i += XENT_TILE_ROWS)
        row_keys(start, rows ? rows + i : NULL, (int64_t)((uint64_t)first + (uint64_t)i), tile_at(i, n), keys + i);
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
