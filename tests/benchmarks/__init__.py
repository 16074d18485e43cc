"""How fast, and in how much memory: `python -m tests.benchmarks` makes its files, runs, and prints a table."""
