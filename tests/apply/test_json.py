"""JSON Lines and arrays: the numbers change, and no other byte."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apply.applying import COOLED, applied, apply, calibration, cooled

keys = st.sampled_from(["a", "p_yes\\", 'q"p_yes"', "é", "n"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('p_yes":\\é', max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys | st.just("p_yes"), inner, max_size=2),
    max_leaves=4,
)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """Objects with a score among other things, each in a way of writing it."""
    out = ""
    for _ in range(draw(st.integers(1, 5))):
        others: list[tuple[str, object]] = list(draw(st.dictionaries(keys, values, max_size=3)).items())
        others.insert(draw(st.integers(0, len(others))), ("p_yes", draw(st.floats(1e-6, 1 - 1e-6))))
        separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :  ")]))
        text = json.dumps(dict(others), separators=separators, ensure_ascii=draw(st.booleans()))
        out += draw(st.sampled_from(["", " "])) + text + draw(st.sampled_from(["\n", "\r\n", " \n\n"]))
    return out


@given(lines())
def test_a_temperature_changes_scores_alone(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        data, folder = text.encode(), Path(name)
        column = "--prob", "yes=p_yes"
        assert applied(folder, data, *column, method="none") == data
        changed, longer = (applied(folder, data, *column, *each) for each in ((), ("--suffix", "_cal")))
        for line, after, both in zip(*map(objects, (data, changed, longer)), strict=True):
            old, new = line["p_yes"], after["p_yes"]
            assert new == pytest.approx(cooled(old), rel=1e-13)
            assert both == {**line, "p_yes_cal": new}
            assert after == {**line, "p_yes": new}
        assert shape(changed.decode()) == shape(text)


def objects(data: bytes) -> list[dict[str, float]]:
    """Those of all lines."""
    return [json.loads(line) for line in data.decode().split("\n") if line.strip()]


def shape(text: str) -> str:
    """The text with every float as 0.0."""
    pieces = json.JSONDecoder(parse_float=lambda _: 0.0)
    return "\n".join(json.dumps(pieces.decode(line)) if line.strip() else line for line in text.split("\n"))


CASES: list[tuple[str, tuple[str, ...], str]] = [
    ('{"p_yes" : 1e0,"x":[1, {"p_yes":0.3}]}\n', (), '{"p_yes" : 1.0,"x":[1, {"p_yes":0.3}]}\n'),
    ('{"p_yes":1}', ("--suffix", "_c"), '{"p_yes":1,"p_yes_c":1.0}'),
    ('{"p": {"yes": 0.50, "no": 5e-1}}\n', ("--prob", "p"), '{"p": {"yes": 0.5, "no": 0.5}}\n'),
    ('{"a": {"p": 1}, "p": 2}\n', ("--prob", "yes=a.p"), '{"a": {"p": 1.0}, "p": 2}\n'),
    ('{"probs":[0.50,0.5]}\n', ("--classes", "no,yes"), '{"probs":[0.5,0.5]}\n'),
    ('{"p_yes":null}\n{"p_yes":1}\n', ("--missing", "skip"), '{"p_yes":null}\n{"p_yes":1.0}\n'),
    ('{"x":1,"p_yes":1}\n{"x":2}\n', ("--missing", "skip"), '{"x":1,"p_yes":1.0}\n{"x":2}\n'),
    ('{"logprob_yes":-Infinity,"logprob_no":0}\n', (), '{"logprob_yes":-Infinity,"logprob_no":0.0}\n'),
    ('\ufeff{"p_yes":1}\n', (), '\ufeff{"p_yes":1.0}\n'),
    ('[{"p_yes":1},\n {"p_yes": 0.50} ]\n', (), '[{"p_yes":1.0},\n {"p_yes": 0.5} ]\n'),
    ('[{"p_yes":1}]', ("--suffix", "2"), '[{"p_yes":1,"p_yes2":1.0}]'),
    (
        '{"p":[{"label":"yes","score":1},{"score":0,"label":"no"}]}\n'
        '{"p":[{"label":"no","score":1},{"label":"yes","score":0}]}\n',
        ("--prob", "p"),
        '{"p":[{"label":"yes","score":1.0},{"score":0.0,"label":"no"}]}\n'
        '{"p":[{"label":"no","score":1.0},{"label":"yes","score":0.0}]}\n',
    ),
    (
        '{"p":[0,1],"c":["no","yes"]}\n{"p":[0,1],"c":["yes","no"]}\n',
        ("--prob", "p", "--classes-in", "c"),
        '{"p":[0.0,1.0],"c":["no","yes"]}\n{"p":[0.0,1.0],"c":["yes","no"]}\n',
    ),
    ('[[0, 1],[0.50,0.5]]', ("--classes", "no,yes"), '[[0.0, 1.0],[0.5,0.5]]'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "expected"), CASES)
def test_a_number_stands_where_it_stood(
    text: str, options: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    assert applied(tmp_path, text.encode(), *options, name="p.json").decode() == expected


@pytest.mark.parametrize(
    "line",
    ['{"n":{"p_yes":0.3}}', '{"n":"\\"p_yes\\":0.3"}', '{"p_\\u0079es":0.5,"n":{"p_yes":0.3}}', '{"p_yes":null}'],
)
def test_a_key_in_another_value_is_left_alone(line: str, tmp_path: Path) -> None:
    """Where each line has the key once, but not all as a key of its object."""
    text = f'{{"p_yes":0.25}}\n{line}\n'
    result = applied(tmp_path, text.encode(), "--missing", "skip", name="p.jsonl").decode()
    assert result == text.replace("0.25", COOLED)


@pytest.mark.parametrize("text", ['{"p_yes":1,"p_yes":0}\n', '{"logprobs":[[-1,true],[-2,false]]}\n'])
def test_what_is_not_clear_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text(text)
    run = apply(tmp_path, calibration(tmp_path), "p.jsonl", "-o", "out", "--classes", "no,yes")
    assert (run.code in (2, 3), (tmp_path / "out").exists()) == (True, False)


BROKEN = [
    ('{"probs":[0.5,0.5]}\n{"probs":[0.5,0.5,0]}\n', ("--classes", "no,yes"), "the list has 3 scores"),
    ('{"p":[{"label":"yes","score":1},{"label":"yes","score":0}]}\n', ("--prob", "p"), "only class"),
    (
        '{"p":[1,0],"c":["no","yes"]}\n{"p":[1,0],"c":["no"]}\n',
        ("--prob", "p", "--classes-in", "c"),
        "another number of scores",
    ),
    ('{"p_yes":0.5}\n{"p_yes":null}\n{"p_yes":0.25}\n', (), "is missing"),
]


@pytest.mark.parametrize(("text", "options", "message"), BROKEN)
def test_broken_rows_are_told_as_score_does(
    text: str, options: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    """Of JSON Lines, and of the same rows as Parquet and Arrow."""
    table = pa.table(pa.RecordBatch.from_pylist(objects(text.encode())))
    (tmp_path / "p.jsonl").write_text(text)
    pq.write_table(table, tmp_path / "p.parquet")
    with pa.ipc.new_file(str(tmp_path / "p.arrow"), table.schema) as writer:
        writer.write_table(table)
    for name in ("p.jsonl", "p.parquet", "p.arrow"):
        for more in ((), ("--suffix", "_c")):
            run = apply(tmp_path, calibration(tmp_path), name, "-o", "out", *options, *more)
            assert (run.code, message in run.stderr, (tmp_path / "out").exists()) == (3, True, False), run.stderr


def test_a_new_score_may_be_what_stands_for_a_missing_one(tmp_path: Path) -> None:
    text = applied(tmp_path, b'{"logit_yes":-1498.5}\n{"logit_yes":-999}\n', "--na", "-999", "--missing", "skip")
    assert text == b'{"logit_yes":-999.0}\n{"logit_yes":-999}\n'


def test_scores_inside_a_column_are_named_by_their_path(tmp_path: Path) -> None:
    """Spark's vectors, as its JSON has them."""
    (tmp_path / "p.json").write_text(
        '{"label": 0, "probability": {"type": 1, "values": [0.75, 0.25]}}\n'
        '{"label": 1, "probability": {"type": 1, "values": [0.5, 0.5]}}\n'
    )
    cal = calibration(tmp_path, classes=("0", "1"))
    run = apply(tmp_path, cal, "p.json", "-o", "out.json")
    assert (run.code, (tmp_path / "out.json").exists()) == (2, False)
    assert "--prob probability.values" in run.stderr
    run = apply(tmp_path, cal, "p.json", "--prob", "probability.values", "-o", "out.json")
    assert run.code == 0, run.stderr
    assert '"type": 1, "values": [' in (tmp_path / "out.json").read_text()
