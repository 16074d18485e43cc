/* What the library exports: plain C, called through ctypes by xentcli/core/kernel.py and by nobody else.
 *
 * Every function of level.c and text.c exists once for each level of SIMD, as xent_NAME_LEVEL, and returns XENT_OK or a sum of
 * the other codes. Arrays are contiguous and hold what their type says; lengths are counted in elements. A function
 * allocates nothing, keeps nothing, and reads no locale, errno or environment.
 */
#ifndef XENT_H
#define XENT_H

#include <stdint.h>

#define XENT_VERSION 9                        /* raised with every change of what is exported */

enum {
    XENT_OK = 0,
    XENT_BAD_ARGUMENT = 1,                    /* a pointer missing, a length or a group out of range */
    XENT_NOT_FINITE = 2,                      /* a NaN or infinity where only numbers can be */
    XENT_OUTSIDE = 4,                         /* a digit outside of the places there are */
    XENT_FULL = 8,                            /* more rows than there is room for: make some, and go on with the next */
    XENT_BROKEN = 16,                         /* rows that cannot be scored: nothing is known of the block */
    XENT_ODD = 32                             /* rows worth a word: an infinite loss, a probability just outside 0 .. 1 */
};

enum {
    XENT_DIGIT_BITS = 37,                     /* digit p of an exact total counts 2^(37 p - 1104) */
    XENT_LOWEST_POWER = -1104,
    XENT_PLACES = 60,                         /* digits that any exact total fits into */
    XENT_MOST_TERMS = 1 << 24,                /* values that may be added at once */
    XENT_PRODUCT_GROUPS = 5,                  /* groups of products, by power of two */
    XENT_WEIGHTED_GROUPS = 27,                /* likewise of values with weights twice */
    XENT_UNSCALED = 13,                       /* the group of these that is scaled by nothing */
    XENT_MOST_UNKNOWNS = 1 << 12              /* of linear equations */
};

enum {
    XENT_TILE_ROWS = 256,                     /* rows that are looked at at once */
    XENT_TILES = 5,                           /* values of each that a block's scratch holds by class */
    XENT_MOST_PAIRS = 100,                    /* classes up to which losses are told apart by top class too */
    XENT_CELLS = 1 << 16,                     /* of the grid of losses */
    XENT_DIVERGENCES = 7                      /* numbers of a row of two distributions: diverge.h */
};
enum { XENT_PROBABILITY, XENT_LOGIT, XENT_LOG_PROBABILITY };

/* A block of rows: what they are scored from. Arrays are [there] unless said. */
typedef struct {
    const void *const *columns;               /* [count]: the scores of each class; or one array [there][count] of them */
    int64_t count, there;                     /* one column is the score of class 1 of two, or of tokens */
    int64_t row_major, float32;               /* how the scores are held; otherwise by class, and float64 */
    const int64_t *rows;                      /* [n]: which are scored; NULL: all */
    int64_t n;
    const int64_t *labels;                    /* 0 .. classes - 1; NULL with targets, or for tokens */
    const double *const *targets;             /* [count of targets]: of each class, or of class 1 of two; or NULL */
    int64_t target_count;
    const double *weights;                    /* finite and above 0; NULL: ones */
    const double *sizes;                      /* bytes of tokens, or NULL */
    const int64_t *numbers;                   /* of the rows in their input; of three classes or more */
    uint64_t start;                           /* of the keys of that input */
    int64_t kind, normalize;
    double least, most;                       /* what losses are clipped to; 0 and infinity */
    double smoothing, tolerance;              /* of labels; of the sum of a row's probabilities */
    int64_t ordinal;                          /* whether classes are ordered, and ranked probability scores wanted */
    double *scratch;                          /* XENT_TILES classes XENT_TILE_ROWS values, or fewer rows of many classes */
    int64_t room;                             /* how many there are */
} XentBlock;

/* What is known of each row, [n] unless said, where it is asked for: NULL is not. */
typedef struct {
    double *loss, *confidence, *entropy, *variance, *brier;
    double *log_sum;                          /* of the probabilities as stored */
    double *log_odds;                         /* of two classes */
    double *top_loss;                         /* of "is the top class right?"; three classes or more */
    double *target_entropy;
    double *label_share;                      /* q_y */
    double *shares;                           /* [classes][n] */
    double *log_q;                            /* [classes][n]: log q + a constant of the row; three classes or more */
    double *class_loss;                       /* [classes][n], with targets */
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

enum {
    XENT_CELL_BITS = 44,                      /* of the 64 that log-odds of one cell may differ in */
    XENT_COUNT_WORDS = 2,                     /* a key, or 0; rows of class 0, and 2^32 times those of class 1 */
    XENT_WEIGHT_WORDS = 14                    /* a key, or 0; an exponent; halves of class 1, of class 0; limbs of squares likewise */
};

/* The weight of each of two classes by log-odds: a hash table, as odds.h has it. */
typedef struct {
    uint64_t *entries;                        /* [capacity][words] */
    int64_t words;                            /* XENT_COUNT_WORDS, or XENT_WEIGHT_WORDS of weighted rows */
    int64_t capacity;                         /* a power of two */
    int64_t used;                             /* entries that have a key */
    int64_t rows;                             /* added so far; fewer than 2^32 */
    int64_t shift;                            /* bits that keys leave out: 0, or XENT_CELL_BITS */
} XentOdds;

/* Integer keys by number: a hash table, as keys.h has it. */
typedef struct {
    int64_t *table;                           /* [slots][2]: a key, and its number + 1, or 0 */
    int64_t *distinct;                        /* [slots / 2]: the key of each number */
    int64_t slots;                            /* a power of two */
    int64_t count;                            /* keys that have a number */
} XentKeys;

/* Room for the rows kept for fits, and those that are in it. */
typedef struct {
    double *log_q, *targets;                  /* [classes][capacity]; targets NULL where there are labels */
    int64_t *labels;                          /* [capacity], like those below; NULL where there are targets */
    double *weights;
    uint64_t *keys;
    int64_t classes, capacity;
    int64_t count;                            /* rows in it */
    int64_t level;                            /* zero bits that keys of rows kept start with, at least */
    int64_t total;                            /* rows offered, whose loss is finite */
} XentKept;

/* What rows add up to; places and numbers: totals.h. */
typedef struct {
    int64_t classes;                          /* 0 of tokens */
    int64_t breakdown;                        /* whether what it takes is added up too */
    int64_t *digits;                          /* [XENT_PLACES][groups] */
    int64_t groups;
    int64_t *counts;                          /* [numbers] */
    int64_t numbers;
    int64_t *pair_digits, *pair_infinite;     /* [XENT_PLACES][classes^2], [classes^2]: losses by true and top class */
    int64_t *cell_rows;                       /* [XENT_CELLS], of rows without weights */
    double *cell_largest;
    int64_t *cell_span;                       /* [2]: the first and the last that a row is in */
    XentOdds *odds;                           /* of two classes, for the breakdown; NULL without */
    XentKept *kept;                           /* of more */
} XentTotals;
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
    int64_t delimiter, decimal;               /* a delimiter that is a blank stands for any run of blanks and tabs */
    int64_t trims, comment;                   /* blanks beside delimiters are nothing; what comments begin with, or -1 */
    const uint8_t *spelling;                  /* what is missing too where a number stands: the texts, one after the other */
    const int64_t *spelling_ends;             /* [spellings]: where each ends */
    int64_t spellings, *spelled;              /* how many; [spellings]: fields that were each of them */
    const int32_t *places;                    /* [columns]: negative ones are skipped, then numbers, then texts */
    int64_t columns, numbers, texts;
    int64_t room;                             /* for rows */
    double *values;                           /* [numbers][room] */
    uint8_t *missing;                         /* [numbers][room]: fields that are empty */
    int64_t *missing_rows;                    /* [numbers]: how many */
    XentWords *words;                         /* [texts] */
    int64_t *lines;                           /* [room]: physical line of each record */
    int64_t *begins, *ends;                   /* [numbers + texts][room]: where fields are, without quotes; or both NULL */
    int64_t *record_ends;                     /* [room]: where the line end of each record is; NULL with them */
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
