"""One DuckDB query over a file."""

from __future__ import annotations

import json
import sys

import duckdb

from tests.benchmarks.peers import CLASSES, LOGITS, THREADS
from tests.benchmarks.peers.totals import Totals, numbers

CSV_TYPES = {
    "two_class": {"id": "BIGINT", "label": "VARCHAR", "prob_yes": "DOUBLE"},
    "ten_logits": {"label": "BIGINT", **dict.fromkeys(LOGITS, "DOUBLE")},
}
TWO_CLASS = "SELECT label, prob_yes AS p, CASE label WHEN 'yes' THEN p ELSE 1 - p END AS q FROM {source}"
TWO_CLASS_TOTALS = """
SELECT label, CASE WHEN p > 0.5 THEN 'yes' ELSE 'no' END AS top, count(*), sum(-ln(q)), sum(ln(q) * ln(q)),
       sum(-p * ln(p) - (1 - p) * ln(1 - p)), sum((1 - q) * (1 - q))
FROM rows_ GROUP BY ALL"""

# The largest logit m is taken off before the exponentials; d, of the true class, is what its logit is below m.
TEN_LOGITS = f"""
SELECT label, greatest({", ".join(LOGITS)}) AS m, {", ".join(f"{z} - m AS d{k}" for k, z in enumerate(LOGITS))},
       CASE label {" ".join(f"WHEN {k} THEN d{k}" for k in CLASSES)} END AS d
FROM {{source}}"""
TEN_LOGITS_TOTALS = f"""
SELECT label, top, count(*), sum(loss), sum(loss * loss), sum(entropy), sum(brier) FROM (
  SELECT label, top, ln(s) - d AS loss, ln(s) - t / s AS entropy, 1 - 2 * exp(d) / s + u / (s * s) AS brier FROM (
    SELECT label, d, CASE 0.0 {" ".join(f"WHEN d{k} THEN {k}" for k in CLASSES)} END AS top,
           {" + ".join(f"e{k}" for k in CLASSES)} AS s,
           {" + ".join(f"e{k} * d{k}" for k in CLASSES)} AS t,
           {" + ".join(f"e{k} * e{k}" for k in CLASSES)} AS u
    FROM (SELECT *, {", ".join(f"exp(d{k}) AS e{k}" for k in CLASSES)} FROM rows_)))
GROUP BY ALL"""

ROWS = {"two_class": TWO_CLASS, "ten_logits": TEN_LOGITS}
MEANS = {
    "two_class": "SELECT avg(-ln(q)), avg(((p > 0.5) = (label = 'yes'))::INT) FROM rows_",
    "ten_logits": f"SELECT avg(ln({' + '.join(f'exp(d{k})' for k in CLASSES)}) - d), avg((d = 0)::INT) FROM rows_",
}
TOTALS = {"two_class": TWO_CLASS_TOTALS, "ten_logits": TEN_LOGITS_TOTALS}


def main(form: str, work: str, path: str) -> None:
    """Print the numbers of the file."""
    duckdb.sql(f"SET threads = {THREADS}")
    source = (
        f"read_csv('{path}', header = true, columns = {CSV_TYPES[work]})" if path.endswith("csv") else f"'{path}'"
    )
    query = f"WITH rows_ AS ({ROWS[work].format(source=source)}) {(MEANS if form == 'bare' else TOTALS)[work]}"
    found = duckdb.sql(query).fetchall()
    if form == "bare":
        print(json.dumps(dict(zip(("log_loss", "accuracy"), found[0], strict=True))))
    else:
        print(json.dumps(numbers([Totals(*row) for row in found])))


if __name__ == "__main__":
    main(*sys.argv[1:])
