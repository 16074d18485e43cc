/* What the library exports: plain C, called through ctypes by xentcli/core/kernel.py and by nobody else.
 *
 * Every function of level.c and text.c exists once for each level of SIMD, as xent_NAME_LEVEL, and returns XENT_OK or a sum of
 * the other codes. Arrays are contiguous and hold what their type says; lengths are counted in elements. A function
 * allocates nothing, keeps nothing, and reads no locale, errno or environment.
 */
#ifndef XENT_H
#define XENT_H

#include <stdint.h>

#define XENT_VERSION 2                        /* raised with every change of what is exported */

enum {
    XENT_OK = 0,
    XENT_BAD_ARGUMENT = 1,                    /* a pointer missing, a length or a group out of range */
    XENT_NOT_FINITE = 2,                      /* a NaN or infinity where only numbers can be */
    XENT_OUTSIDE = 4                          /* a digit outside of the places there are */
};

enum {
    XENT_DIGIT_BITS = 37,                     /* digit p of an exact total counts 2^(37 p - 1104) */
    XENT_LOWEST_POWER = -1104,
    XENT_PLACES = 60,                         /* digits that any exact total fits into */
    XENT_MOST_TERMS = 1 << 24,                /* values that may be added at once */
    XENT_PRODUCT_GROUPS = 5,                  /* groups of products, by power of two */
    XENT_WEIGHTED_GROUPS = 27,                /* likewise of values with weights twice */
    XENT_UNSCALED = 13                        /* the group of these that is scaled by nothing */
};

enum { XENT_TILE_ROWS = 256 };              /* rows that are looked at at once */
enum { XENT_PROBABILITY, XENT_LOGIT, XENT_LOG_PROBABILITY };

/* A block of rows: what they are scored from, and where what was found goes; all [n] unless said. */
typedef struct {
    const double *scores;                     /* [columns][n]; of one column, the score of class 1 of two */
    const int64_t *labels;                    /* 0 .. classes - 1 */
    int64_t n, columns;
    int64_t kind, normalize;
    double *loss, *confidence, *entropy, *variance, *brier;
    double *shares;                           /* [columns][n]; [2][n] of one logit or log-probability */
    double *log_sum;                          /* of several probabilities or log-probabilities */
    double *log_odds;                         /* of two classes */
    double *rest_loss;                        /* -log of what the top class leaves; not taken if NULL */
    int64_t *top;
    uint8_t *tied;                            /* whether another class has the highest score too */
} XentRows;

/* Rows whose recalibrated loss is wanted at a slope and offsets; what goes into each, and what comes out. */
typedef struct {
    const double *d;                          /* [classes][n] */
    const int64_t *true_class;                  /* [n]: 0 .. classes - 1 */
    const double *weights;                    /* [n] */
    int64_t n, classes;
    double slope;
    const double *offsets;                    /* [classes] */
    double *scratch;                          /* at least 2 classes XENT_TILE_ROWS values */
    int64_t room;                             /* how many there are */
    double *sums;                             /* [4]: loss, its first and second derivative by the slope, largest loss */
    double *gradient, *hessian;               /* [1 + classes] and its square, of 0 before; both NULL if not wanted */
} XentFit;

/* The different words of a column of text; 0 is the empty one, which is missing. */
typedef struct {
    int64_t *codes;                           /* [rows]: the word of each */
    uint8_t *bytes;                           /* of all words, one after the other */
    int64_t bytes_room;
    int64_t *ends;                            /* where each word ends among them */
    int64_t ends_room;
    int64_t distinct;                         /* 0: every field is a word of its own, but for empty ones */
    int32_t *table;                           /* of hashes, each table behind the one that has become too small */
    int64_t table_room, table_begin, slots;
    int64_t count;                            /* words found, without the empty one */
} XentWords;

/* Whole records of delimited text whose last byte is a line end: what to read, what was found, what is wrong.
 *
 * Faults are noted and the rest read on, so that they can be counted; where there are any, the columns are worthless.
 */
typedef struct {
    const uint8_t *text;
    int64_t size, line;                       /* physical line of the first byte */
    int64_t delimiter, decimal;
    const int32_t *places;                    /* [columns]: negative ones are skipped, then numbers, then texts */
    int64_t columns, numbers, texts;
    int64_t room;                             /* for rows */
    double *values;                           /* [numbers][room] */
    uint8_t *missing;                         /* [numbers][room]: fields that are empty */
    int64_t *missing_rows;                    /* [numbers]: how many */
    XentWords *words;                         /* [texts] */
    int64_t *lines;                           /* [room]: physical line of each record */
    int64_t rows;
    int64_t full;                             /* the text whose words have no room, or -1: nothing else is told then */
    int64_t not_utf8;                         /* then nothing else was looked at */
    int64_t stray_rows, stray_row, stray_line, stray_last, stray_column, stray_begin, stray_close;
    int64_t wrong_line, wrong_fields;         /* of the first record with another number of fields; line 0: none */
    int64_t bad_rows, bad_row, bad_line, bad_last, bad_place, bad_begin, bad_end;  /* what is no number */
} XentText;

#define XENT_API __attribute__((visibility("default")))

/* cpu.c: facts that Python compares with its own, the best level of this CPU, and whether float64 is as it should. */
XENT_API int32_t xent_facts(int64_t *facts, int64_t count);
XENT_API int32_t xent_best_level(void);
XENT_API int32_t xent_rounds_to_nearest(void);

#endif
