"""JSON that users bring: what is no JSON, or has no one meaning, is refused in words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.cli.runner import xent
from xentcli.files import NotJson, parse_json


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a": 1, "a": 2}', 'the key "a" twice'),
        (b'[{"b": {"a": 1, "a": 2}}]', 'the key "a" twice'),
        (b'{"%b": 1, "%b": 2}' % (b"k" * 9999, b"k" * 9999), "kkk... *twice|kkk...\" twice"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": -Infinity}', "-Infinity is not a JSON number"),
        (b"[" * 99 + b"]" * 99, ""),
        (b"[" * 101 + b"]" * 101, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a": "\xff"}', "byte 8 is not UTF-8 text"),
        (bytes(range(1, 256)), "not UTF-8|expecting value"),
        (b"", "expecting value"),
        (b'{"a": 1', "line 1, column 8"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_refused(data: bytes, said: str) -> None:
    if not said:
        assert parse_json(data)
        return
    with pytest.raises(NotJson, match=said):
        parse_json(data)


def test_whole_numbers_of_any_length() -> None:
    """Python reads no more than 4,300 digits; as a float64 such a number is infinite."""
    digits = b"9" * 100_000
    assert parse_json(b"[%b, -%b, %b]" % (digits, digits, digits[:300])) == [
        float("inf"),
        float("-inf"),
        int(digits[:300]),
    ]


def test_the_key_that_stands_twice_is_found_in_linear_time() -> None:
    keys = b",".join(b'"%d": 1' % number for number in (*range(100_000), 99_999))
    start = time.process_time()
    with pytest.raises(NotJson, match='the key "99999" twice'):
        parse_json(b"{%b}" % keys)
    assert time.process_time() - start < 5  # a tenth of a second; a minute where each key is counted on its own


def test_half_a_surrogate_pair_stays() -> None:
    """File names that are not UTF-8 are saved so."""
    assert parse_json(b'{"name": "\\udcff.csv"}') == {"name": "\udcff.csv"}


SAVED = '{"format": "xent.score", "format_version": 1, "unit": "nats", "per_class": [%s]}'
SHARES = '{"class": "0", "share": 0.5}, {"class": "1", "share": %s}'
FILES = {
    "deep": "{" + '"a":{' * 100_000,
    "deep, saved": SAVED % ("[" * 100_000),
    "NaN": SAVED % (SHARES % "NaN"),
    "huge": SAVED % (SHARES % ("9" * 5000)),
    "twice": SAVED % (SHARES % '0.5, "share": 0.6'),
    "a class twice": SAVED % (SHARES % '0.5}, {"class": "1", "share": 0.5'),
    "negative": SAVED % (SHARES % "-0.5"),
    "not UTF-8": SAVED % (SHARES % '0.5, "x": "\udcff"'),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("option", ["--prior", "--baseline"])
def test_saved_results(name: str, option: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,p\n1,0.9\n0,0.2\n")
    (tmp_path / "saved.json").write_bytes(FILES[name].encode("utf-8", "surrogateescape"))
    run = xent("score", "a.csv", option, "saved.json", "--require", "log_loss <= baseline", cwd=tmp_path)
    if option == "--prior":
        run = xent("score", "a.csv", option, "saved.json", cwd=tmp_path)
    assert (run.code, run.stdout) == (3, ""), run.stderr
    assert run.stderr.startswith("xent: error: saved.json")
