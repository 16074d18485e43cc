"""The grammar of requirements on one of several models. Expected: read off the grammar."""

from __future__ import annotations

import pytest

from tests.values import replace
from xentcli.errors import RequestError
from xentcli.gates.gating import parse_gating
from xentcli.gates.requirement import (
    BaselineLimit,
    EverySlice,
    FixedLimit,
    Limit,
    OneClass,
    OneSlice,
    Requirement,
    Selector,
    parse_ranking,
    parse_requirement,
)
from xentcli.units import Unit


def req(name: str, of: Selector | None, op: str, limit: Limit, model: str = "new") -> Requirement:
    return Requirement(name, of, op, limit, "", model)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("may_be_best[new]", req("may_be_best", None, "==", FixedLimit(1.0))),
        ("may_be_best[ new ] == 0", req("may_be_best", None, "==", FixedLimit(0.0))),
        ("rank_high[new] <= 2", req("rank_high", None, "<=", FixedLimit(2.0))),
        ('log_loss["my, model"] <= 0.3', req("log_loss", None, "<=", FixedLimit(0.3), "my, model")),
        (
            "log_loss[a/new.csv] <= 1 bits",
            req("log_loss", None, "<=", FixedLimit(1, Unit.BITS), "a/new.csv"),
        ),
        ("recall[new, cat] >= 0.9", req("recall", OneClass("cat"), ">=", FixedLimit(0.9))),
        ("log_loss[new,site=DE] <= baseline", req("log_loss", OneSlice((("site", "DE"),)), "<=", BaselineLimit())),
        (
            "brier[new, site=*] <= baseline + 0.01",
            req("brier", EverySlice("site"), "<=", BaselineLimit("+", 0.01)),
        ),
    ],
)
def test_the_brackets_begin_with_a_model(text: str, expected: Requirement) -> None:
    assert parse_ranking(text) == replace(expected, text=text)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("log_loss <= 0.3", "log_loss is of one model", "log_loss[MODEL]"),
        ("log_loss_diff[new] <= 0", "unknown metric", "log_loss[MODEL] <= baseline + 0.01 limits"),
        ("may_be_bst[new]", 'unknown metric "may_be_bst"', 'did you mean "may_be_best"?'),
        ("log_loss[site=DE] <= 1", "begin with a model", "log_loss[MODEL,site=...]"),
        ("recall[new] >= 0.9", "recall is of one class", "recall[new,CLASS]"),
        ('skipped_rows["a b",site=DE] == 0', "is not known by slice", 'skipped_rows["a b"]'),
        ("rank_low[new, site=DE] == 1", "rank_low is of all rows", "rank_low[new]"),
        ("rank_high[new]", "has no limit", "log_loss <= 0.35"),
        ("rank_high[new] <= baseline", "has no baseline", "rank_high[new] <= 1"),
        ("rank_high[new] <= 0", "no number can meet it", "never below 1"),
        ("may_be_best[new] <= 2", "every number meets it", ""),
        ("log_loss[new", '"]" is missing', ""),
    ],
)
def test_what_is_refused_and_why(text: str, message: str, hint: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_gating([text], paired=True, ranked=True)
    assert message in caught.value.message
    assert hint in f"{caught.value.message} {caught.value.hint or ''}"


def test_one_file_has_no_rank() -> None:
    with pytest.raises(RequestError, match="one of several models") as caught:
        parse_requirement("may_be_best[new] == 1")
    assert caught.value.hint == "xent rank A B C finds it"
