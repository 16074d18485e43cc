"""The grammar of requirements: what each text means, what is refused and with which words, and its inverse."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import law
from tests.values import replace
from xentcli.errors import RequestError
from xentcli.gates.requirement import (
    SLICED,
    WHOLE,
    BaselineLimit,
    EverySlice,
    FixedLimit,
    Limit,
    OneClass,
    OneSlice,
    Requirement,
    Selector,
    parse_requirement,
)
from xentcli.results.metrics import PER_CLASS
from xentcli.results.selectors import quoted, selector
from xentcli.units import Unit

_OF_ALL_ROWS = ("skipped_rows", "ignored_rows", "filtered_rows", "zero_weight_rows")


def req(name: str, of: Selector | None, op: str, limit: Limit) -> Requirement:
    return Requirement(name, of, op, limit, "")


DE = OneSlice((("site", "DE"),))


# Expected: read off the grammar.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log_loss <= 0.35", req("log_loss", None, "<=", FixedLimit(0.35))),
        ("log_loss<=0.35", req("log_loss", None, "<=", FixedLimit(0.35))),
        ("  log_loss\t<=  .35  ", req("log_loss", None, "<=", FixedLimit(0.35))),
        ("log_loss < 1.", req("log_loss", None, "<", FixedLimit(1.0))),
        ("accuracy >= 9e-1", req("accuracy", None, ">=", FixedLimit(0.9))),
        ("skill > -0.5", req("skill", None, ">", FixedLimit(-0.5))),
        ("infinite_rows == 0", req("infinite_rows", None, "==", FixedLimit(0.0))),
        ("rows >= +1E3", req("rows", None, ">=", FixedLimit(1000.0))),
        ("log_loss <= 0.5 bits", req("log_loss", None, "<=", FixedLimit(0.5, Unit.BITS))),
        ("log_loss <= 0.5bits", req("log_loss", None, "<=", FixedLimit(0.5, Unit.BITS))),
        ("bits_per_byte <= 0.9 bits", req("bits_per_byte", None, "<=", FixedLimit(0.9, Unit.BITS))),
        ("miscalibration <= 0.01 bans", req("miscalibration", None, "<=", FixedLimit(0.01, Unit.BANS))),
        ("temperature <= 1.2", req("temperature", None, "<=", FixedLimit(1.2))),
        ("recall[malignant] >= 0.95", req("recall", OneClass("malignant"), ">=", FixedLimit(0.95))),
        ("recall[é/✓] >= 0.95", req("recall", OneClass("é/✓"), ">=", FixedLimit(0.95))),
        ('recall["a b"] >= 0.95', req("recall", OneClass("a b"), ">=", FixedLimit(0.95))),
        ('recall["a=b, \\"c\\"]"] >= 0.95', req("recall", OneClass('a=b, "c"]'), ">=", FixedLimit(0.95))),
        ('recall["\\u00e9"] >= 0.95', req("recall", OneClass("é"), ">=", FixedLimit(0.95))),
        ('recall[""] >= 0.95', req("recall", OneClass(""), ">=", FixedLimit(0.95))),
        ("log_loss[site=DE] <= 0.4", req("log_loss", DE, "<=", FixedLimit(0.4))),
        ("log_loss[ site = DE ] <= 0.4", req("log_loss", DE, "<=", FixedLimit(0.4))),
        ("log_loss[site=] <= 0.4", req("log_loss", OneSlice((("site", None),)), "<=", FixedLimit(0.4))),
        ('log_loss[site=""] <= 0.4', req("log_loss", OneSlice((("site", ""),)), "<=", FixedLimit(0.4))),
        ('log_loss[site="*"] <= 0.4', req("log_loss", OneSlice((("site", "*"),)), "<=", FixedLimit(0.4))),
        ("log_loss[site=*] <= 0.4", req("log_loss", EverySlice("site"), "<=", FixedLimit(0.4))),
        ('log_loss["a b"=*] <= 0.4', req("log_loss", EverySlice("a b"), "<=", FixedLimit(0.4))),
        (
            'log_loss[site=DE,sex="f m"] <= 0.4',
            req("log_loss", OneSlice((("site", "DE"), ("sex", "f m"))), "<=", FixedLimit(0.4)),
        ),
        ("log_loss <= baseline", req("log_loss", None, "<=", BaselineLimit())),
        ("log_loss <= baseline + 0.01", req("log_loss", None, "<=", BaselineLimit("+", 0.01))),
        ("log_loss <= baseline-0.01", req("log_loss", None, "<=", BaselineLimit("-", 0.01))),
        (
            "log_loss[site=*]<=baseline*1.02",
            req("log_loss", EverySlice("site"), "<=", BaselineLimit("*", 1.02)),
        ),
    ],
)
def test_a_text_means_what_the_grammar_says(text: str, expected: Requirement) -> None:
    found = parse_requirement(text)
    assert found == replace(expected, text=text)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "is empty", "log_loss <= 0.35"),
        ("   ", "is empty", "in quotes for the shell"),
        ("log_loss", "has no limit", "in quotes for the shell"),
        ("log_loss <=", "has no limit", ""),
        ("0.35 >= log_loss", "does not begin with the name of a metric", ""),
        ("log_los <= 1", 'unknown metric "log_los"', 'did you mean "log_loss"?'),
        ("Log-Loss <= 1", 'unknown metric "Log-Loss"', 'did you mean "log_loss"?'),
        ("metrics.log_loss <= 1", "unknown metric", 'did you mean "log_loss"?'),
        ("recal[cat] >= 1", 'unknown metric "recal"', 'did you mean "recall"?'),
        ("log_loss_diff <= 0", "unknown metric", "log_loss <= baseline + 0.01 limits"),
        ("accuracy.delta >= 0", "unknown metric", "accuracy >= baseline - 0.01 limits"),
        ("difference <= 0", "unknown metric", "log_loss <= baseline + 0.01 limits"),
        ("log_loss <= base", '"base" is not a limit', "baseline, baseline + 0.01"),
        ("weather <= 1", 'unknown metric "weather"', "xent explain"),
        ("log_loss = 1", 'not "= 1"', 'did you mean "=="?'),
        ("log_loss => 1", 'not "=> 1"', 'did you mean ">="?'),
        ("log_loss ≤ 1", 'not "≤ 1"', 'did you mean "<="?'),
        ("log_loss != 1", 'not "!= 1"', "operators: "),
        ("log_loss 1", 'not "1"', "operators: "),
        ("log_loss <= nan", '"nan" is not a number', "finite"),
        ("log_loss <= inf", '"inf" is not a number', "finite"),
        ("log_loss <= -Infinity", '"-Infinity" is not a number', "finite"),
        ("log_loss <= 1e999", "1e999 is more than a number can be", ""),
        ("log_loss <= 1_000", '"1_000" is not a number', ""),
        ("log_loss <= 0x1F", '"0x1F" is not a number', ""),
        ("log_loss <= ١", "is not a number", ""),
        ("log_loss <= abc", '"abc" is not a number', ""),
        ("log_loss <= 0,35", "is not a number", "0.35"),
        ("accuracy >= 90 %", "is not a number", "0.9"),
        ("log_loss <= 1 <= 2", "is not a number", ""),
        ("log_loss <= 0.5 bit", 'unknown unit "bit"', 'did you mean "bits"?'),
        ("log_loss <= 0.5 shannon", 'unknown unit "shannon"', "nats, bits, bans"),
        ("accuracy >= 0.9 bits", "accuracy is a plain number, not in bits", "leave the unit out"),
        ("rows >= 9 nats", "rows is a count, not in nats", ""),
        ("bits_per_byte <= 1 nats", "bits_per_byte is in bits, not in nats", ""),
        ("log_loss <= baseline / 2", "is not a limit", "baseline * 1.02"),
        ("log_loss <= baseline +", "is not a limit", ""),
        ("log_loss <= baseline + nan", "is not a limit", ""),
        ("log_loss <= baseline * 1e999", "more than a number can be", ""),
        ("log_loss <= 0.9 * baseline", "is not a number", "baseline + 0.01"),
        ("recall >= 0.9", "recall is of one class", "recall[CLASS]"),
        ("accuracy[cat] >= 0.9", "accuracy is not known by class", "by class: rows"),
        ("temperature[site=DE] <= 1", "temperature is not known by slice", "of all rows"),
        ("recall[site=DE] <= 1", "recall is of one class", "recall[CLASS]"),
        ("skipped_rows[site=DE] == 0", "skipped_rows is not known by slice", ""),
        ("log_loss[a b] <= 1", '"]" was expected, not "b] <= 1"', "double quotes"),
        ("log_loss[] <= 1", "a class or COLUMN=VALUE was expected", ""),
        ("log_loss[*] <= 1", "a class or COLUMN=VALUE was expected", "[COLUMN=*]"),
        ("log_loss[a", '"]" is missing', ""),
        ('log_loss["a] <= 1', "a quote is not closed", ""),
        ('log_loss["a\\x"] <= 1', "is not a JSON string", "backslash"),
        ("log_loss[site=DE,FR] <= 1", "COLUMN=VALUE", '["a,b"]'),
        ("log_loss[site=DE,site=FR] <= 1", "a column stands twice", ""),
        ("log_loss[site=a=b] <= 1", '"]" was expected', "double quotes"),
        ("log_loss[site=*,sex=f] <= 1", '"]" was expected', ""),
    ],
)
def test_what_is_refused_and_why(text: str, message: str, hint: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_requirement(text)
    assert caught.value.code == "requirement"
    assert caught.value.message.startswith(f'requirement "{text}": ')
    assert message in caught.value.message
    assert hint in f"{caught.value.message} {caught.value.hint or ''}"


names = st.text(max_size=8) | st.text('ab=,"[]* \\\n\t', max_size=6)
numbers = st.floats(allow_nan=False, allow_infinity=False)
pairs = st.lists(st.tuples(names, st.none() | names), min_size=1, max_size=3, unique_by=lambda pair: pair[0])
selectors = st.none() | names.map(OneClass) | pairs.map(tuple).map(OneSlice) | names.map(EverySlice)
limits = (
    st.builds(FixedLimit, numbers)
    | st.builds(BaselineLimit, st.sampled_from("+-*"), numbers)
    | st.just(BaselineLimit())
)


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    of = draw(selectors)
    table = WHOLE if of is None else PER_CLASS if isinstance(of, OneClass) else SLICED
    sliceable = [
        name
        for name in table
        if of is None or name not in ("skipped_rows", "ignored_rows", "filtered_rows", "zero_weight_rows")
    ]
    name = draw(st.sampled_from(sliceable))
    limit = draw(limits)
    if isinstance(limit, FixedLimit) and table[name].unit == "info":
        limit = FixedLimit(limit.number, draw(st.none() | st.sampled_from(Unit)))
    return Requirement(name, of, draw(st.sampled_from(["<=", "<", ">=", ">", "=="])), limit, "")


def text_of(requirement: Requirement) -> str:
    """A text that states the requirement."""
    of, limit = requirement.selector, requirement.limit
    match of:
        case OneClass(name=name):
            about = f"[{quoted(name)}]"
        case OneSlice(by=by):
            about = f"[{selector(by)}]"
        case EverySlice(column=column):
            about = f"[{quoted(column)}=*]"
        case _:
            about = ""
    if isinstance(limit, FixedLimit):
        shown = f"{limit.number!r}{f' {limit.unit}' if limit.unit else ''}"
    else:
        shown = "baseline" if limit.sign is None else f"baseline {limit.sign} {limit.number!r}"
    return f"{requirement.name}{about} {requirement.op} {shown}"


@law
@given(requirements())
def test_parsing_is_the_inverse_of_writing(requirement: Requirement) -> None:
    text = text_of(requirement)
    assert parse_requirement(text) == replace(requirement, text=text)


@law
@given(st.text() | st.text("log_s<=>[]\"'*,. 0123456789ebasilnt+-"))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with suppress(RequestError):
        assert parse_requirement(text).text == text
