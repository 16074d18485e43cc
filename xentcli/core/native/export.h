/* How functions are exported once for each level of SIMD, and what all of them check. */
#ifndef XENT_EXPORT_H
#define XENT_EXPORT_H

#include "xent.h"

#if !defined(XENT_LEVEL)
#error "XENT_LEVEL has to name the level of SIMD"
#endif
#define JOIN(name, level) xent_##name##_##level
#define JOINED(name, level) JOIN(name, level)
#define EXPORT(name) JOINED(name, XENT_LEVEL)

#define MOST_VALUES ((int64_t)1 << 59)        /* their bytes can be counted */

/* Whether so many values can stand at p. */
static inline int is_array(const void *p, int64_t n) { return n >= 0 && n < MOST_VALUES && (p || !n); }

#endif
