"""The scoring core: NumPy arrays in, mergeable totals out. It knows no files, no frames, no terminal.

Conventions. Arrays of scores are classes first, `(K, n)`; everything else is `(n,)`. Information is in nats,
float64. A row's loss is >= 0 and may be infinite. States hold exact totals; ratios are taken last.
"""
