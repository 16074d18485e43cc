"""Makes `powers.h`, the table of powers of five that `numbers.h` multiplies by: python powers.py > powers.h."""

from __future__ import annotations

FIRST, LAST = -342, 308  # beyond them, every number of 19 digits is 0 or infinite
INVERSES = -27  # down to here an inverse is rounded up, so that a product that should be whole is so


def significand(q: int) -> int:
    """The first 128 bits of 5^q: cut, but for 5^q of q in INVERSES..-1 rounded up."""
    power: int = 5 ** abs(q)
    bits = power.bit_length()
    if q >= 0:
        return power << 128 - bits if bits <= 128 else power >> bits - 128
    return (1 << bits + 127) // power + (q >= INVERSES)


def header() -> str:
    """The C header."""
    halves = (divmod(significand(q), 1 << 64) for q in range(FIRST, LAST + 1))
    pairs = [f"{{0x{high:016x}, 0x{low:016x}}}," for high, low in halves]
    lines = ["    " + " ".join(pairs[at : at + 2]) for at in range(0, len(pairs), 2)]
    return "\n".join([_BEGIN, *lines, "};", "", "#endif", ""])


_BEGIN = f"""\
/* The first 128 bits of 5^q, the higher half first, for q from {FIRST} to {LAST}. Made by powers.py. */
#ifndef XENT_POWERS_H
#define XENT_POWERS_H

#include <stdint.h>

enum {{ FIRST_POWER = {FIRST}, LAST_POWER = {LAST} }};

static const uint64_t powers_of_five[LAST_POWER - FIRST_POWER + 1][2] = {{"""

if __name__ == "__main__":
    print(header(), end="")
