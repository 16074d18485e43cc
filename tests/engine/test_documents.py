"""Documents of tokens: their table, against sums by NumPy; and that too many are said to be."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xentcli import score
from xentcli.analysis import documents as listing
from xentcli.engine import documents


def tokens(rows: int = 60, docs: int = 7) -> pd.DataFrame:
    random = np.random.default_rng(3)
    names = [f"d{i}" for i in random.integers(0, docs, rows)]
    return pd.DataFrame({"q": -random.exponential(2.0, rows), "doc": names, "size": random.integers(1, 6, rows)})


def test_the_table_has_the_sums_of_each_document() -> None:
    frame = tokens()
    result = score(frame, logprob="q", doc="doc", bytes="size")
    assert result.documents is not None
    losses = [each.log_loss or 0.0 for each in result.documents]
    assert losses == sorted(losses, reverse=True)
    by_name = {each.document: each for each in result.documents}
    for name, rows in frame.groupby("doc"):
        found = by_name[str(name)]
        assert found.rows == len(rows)
        assert found.log_loss == pytest.approx(-rows["q"].mean(), rel=1e-13)
        assert found.perplexity == pytest.approx(math.exp(-rows["q"].mean()), rel=1e-12)
        assert found.bits_per_byte == pytest.approx(-rows["q"].sum() / math.log(2) / rows["size"].sum(), rel=1e-13)
    parts = sum(each.contribution or 0.0 for each in result.documents)
    assert parts == pytest.approx(result.metrics.log_loss, rel=1e-12)


def test_a_table_of_too_many_is_missing_and_missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = score(tokens(), logprob="q", doc="doc")
    for module in (documents, listing):
        monkeypatch.setattr(module, "MOST_DOCUMENTS", 3)
    result = score(tokens(), logprob="q", doc="doc")
    assert result.documents is None
    assert [(each.code, each.message) for each in result.notices] == [
        ("many_documents", "more than 3 documents: there is no table of them")
    ]
    assert result.metrics.log_loss_se == whole.metrics.log_loss_se  # they are clusters all the same
