"""Prediction files that people could have, and ruined ones, drawn at random and judged by the oracle.

Case I of seed S is always the same: `python -m tests.properties.generating --seed S --only I` shows it,
`--count N` runs N of them.
"""
