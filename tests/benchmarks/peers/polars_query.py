"""One lazy polars query over a file, run by the streaming engine."""

from __future__ import annotations

import json
import os
import sys

from tests.benchmarks.peers import CLASSES, LOGITS, THREADS
from tests.benchmarks.peers.totals import Totals, numbers

os.environ["POLARS_MAX_THREADS"] = str(THREADS)  # read when polars is imported

import polars as pl
from polars import col

SCHEMAS = {
    "two_class": {"id": pl.Int64, "label": pl.String, "prob_yes": pl.Float64},
    "ten_logits": {"label": pl.Int64, **dict.fromkeys(LOGITS, pl.Float64)},
}
POWERS = [f"power_{k}" for k in CLASSES]


def two_class(rows: pl.LazyFrame, form: str) -> pl.LazyFrame:
    """Means, or totals of each label and top class."""
    p, q = col("prob_yes"), col("q")
    is_yes = col("label") == "yes"
    rows = rows.with_columns(q=pl.when(is_yes).then(p).otherwise(1 - p))
    if form == "bare":
        return rows.select(log_loss=-q.log().mean(), accuracy=((p > 0.5) == is_yes).mean())
    top = pl.when(p > 0.5).then(pl.lit("yes")).otherwise(pl.lit("no"))
    entropy = -p * p.log() - (1 - p) * (1 - p).log()
    return totals(rows.select("label", top=top, loss=-q.log(), entropy=entropy, brier=(1 - q) ** 2))


def ten_logits(rows: pl.LazyFrame, form: str) -> pl.LazyFrame:
    """Likewise. The largest logit is taken off before the exponentials."""
    rows = rows.with_columns(largest=pl.max_horizontal(LOGITS)).with_columns(col(LOGITS) - col("largest"))
    true = pl.coalesce(pl.when(col("label") == k).then(col(z)) for k, z in enumerate(LOGITS))
    d, s, t, u = (col(name) for name in "dstu")
    if form == "bare":
        rows = rows.select(d=true, s=pl.sum_horizontal(col(LOGITS).exp()))
        return rows.select(log_loss=(s.log() - d).mean(), accuracy=(d == 0).mean())
    rows = rows.with_columns(col(z).exp().alias(e) for z, e in zip(LOGITS, POWERS, strict=True))
    rows = rows.select(
        "label",
        top=pl.coalesce(pl.when(col(z) == 0).then(k) for k, z in enumerate(LOGITS)),
        d=true,
        s=pl.sum_horizontal(POWERS),
        t=pl.sum_horizontal(col(e) * col(z) for z, e in zip(LOGITS, POWERS, strict=True)),
        u=pl.sum_horizontal(col(e) * col(e) for e in POWERS),
    )
    brier = 1 - 2 * d.exp() / s + u / (s * s)
    return totals(rows.select("label", "top", loss=s.log() - d, entropy=s.log() - t / s, brier=brier))


def totals(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The columns of `Totals`."""
    loss, entropy, brier = col("loss"), col("entropy"), col("brier")
    sums = (loss.sum(), (loss * loss).sum().alias("squared_loss"), entropy.sum(), brier.sum())
    return rows.group_by("label", "top").agg(pl.len().alias("rows"), *sums)


def main(form: str, work: str, path: str) -> None:
    """Print the numbers of the file."""
    rows = pl.scan_csv(path, schema=SCHEMAS[work]) if path.endswith("csv") else pl.scan_parquet(path)
    query = {"two_class": two_class, "ten_logits": ten_logits}[work](rows, form)
    found = query.collect(engine="streaming")
    print(
        json.dumps(found.row(0, named=True) if form == "bare" else numbers([Totals(*row) for row in found.rows()]))
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
