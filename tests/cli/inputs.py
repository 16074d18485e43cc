"""Small files that several tests of the command line score."""

from __future__ import annotations

GOOD = "label,p_a,p_b\na,0.75,0.25\nb,0.375,0.625\n"
NOTED = GOOD + "b,1,0\n"  # a result with a notice
BAD = GOOD + "a,7,0\n"
LOG_LOSS = "0.3788"  # of GOOD, as a table has it
