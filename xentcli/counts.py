"""How large the counts that one may ask for can be: what is beyond is a mistake, and would only exhaust memory."""

from __future__ import annotations

MOST_THREADS = 1 << 10  # each holds blocks of the input
MOST_ROWS = 10**9  # of a list of rows
MOST_SHARDS = 1 << 40
