"""A file whose header another one has had is opened as it is alone."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from xentcli.errors import XentError
from xentcli.sources.open import open_paths
from xentcli.sources.source import TextOptions

ROW = b"yes,0.25,0.75\n"
BODIES = {
    "rows": ROW * 3,
    "CRLF": b"yes,0.25,0.75\r\n" * 3,
    "CR": b"yes,0.25,0.75\r" * 3,
    "no rows": b"",
    "no end of line": b"yes,0.25,0.75",
    "long": ROW * 1000,
    "a rule below": b"-----,---,---\n" + ROW * 3,
    "a rule below a blank line": b"\n---|---|---\n" + ROW,
    "a preamble above": b"label;p_yes;p_no;more\n" + b"yes;1;0;2\n" * 3,
    "R's row names": b"1,yes,0.25,0.75\n2,no,0.25,0.75\n",
    "R's quoted row names": b'"1","yes",0.25,0.75\n"2","no",0.25,0.75\n',
    "R's quoted row names, one line": b'"1","yes",0.25,0.75\n',
    "a line with a quote": b'"yes\n",0.25,0.75\n' * 3,
    "quoted commas": b'"a,b",0.25,0.75\n' * 3,
    "tabs": b"yes\t0.25\t0.75\n" * 3,
    "types of Orange": b"d\tc\tc\nclass\t\t\n" + b"yes\t0.25\t0.75\n" * 3,
    "types of Orange below a blank line": b"\nd\tc\tc\r\nclass\t\t\n" + b"yes\t0.25\t0.75\n" * 3,
    "pairs": b"yes:0.5 no:0.5 maybe:0\n" * 3,
    "blanks": b"yes 0.25 0.75\n" * 3,
}
HEADERS = {
    "commas": b"label,p_no,p_yes\n",
    "CRLF": b"label,p_no,p_yes\r\n",
    "semicolons": b"label;p_no;p_yes\n",
    "tabs": b"label\tp_no\tp_yes\n",
    "blanks": b"label p_no p_yes\n",
    "blanks behind commas": b"label, p_no, p_yes\n",
    "quotes": b'"label","p_no","p_yes"\n',
    "some quotes": b'"label",p_no,p_yes\n',
    "quotes around blanks": b'"label","p no","p_yes"\r\n',
    "quotes around semicolons": b'"label","p;no","p;"\n',
    "doubled quotes": b'"label","p ""no""","p_yes"\n',
    "quotes behind blanks": b'"label", "p_no", "p_yes"\n',
    "quotes and tabs": b'"label"\t"p_no"\t"p_yes"\n',
    "an open quote": b'label,"p_no\n',
    "one name": b"label\n",
    "a mark": b"\xef\xbb\xbflabel,p_no,p_yes\n",
    "comment": b"# label p_no p_yes\n",
    "Excel's": b"sep=,\nlabel,p_no,p_yes\n",
    "pairs": b"no:0.5 yes:0.5\n",
    "numbers": b"1,0.25,0.75\n",
    "twice the same": b"p,p,label\n",
    "not UTF-8": b"label,p_\xff,p_yes\n",
    "XML": b"<table a,b>\n",
    "percent": b"%label,p_no,p_yes\n",
}
OPTIONS = {
    "none": TextOptions(),
    "no header": TextOptions(header=False),
    "skip": TextOptions(skip_lines=1),
    "comment": TextOptions(comment="l"),
    "delimiter": TextOptions(delimiter=";"),
    "format": TextOptions(format="csv"),
}


def opened(path: Path, text: TextOptions, *before: Path) -> object:
    """What a file is opened as after others; the error where it cannot be."""
    try:
        source = open_paths([*before, path], text)[-1]
    except XentError as error:
        return str(error)
    shown = "fields", "dialect", "start", "line", "remedy", "pairs", "remarks", "missing"
    return [getattr(source, name) for name in shown]


@pytest.mark.parametrize(("header", "options"), [*product(HEADERS, OPTIONS)])
def test_a_known_header_changes_nothing(header: str, options: str, tmp_path: Path) -> None:
    text, paths = OPTIONS[options], []
    for number, body in enumerate(BODIES.values()):
        paths.append(tmp_path / f"{number}.csv")
        paths[-1].write_bytes(HEADERS[header] + body)
    alone = {path: opened(path, text) for path in paths}
    sound = [path for path in paths if not isinstance(alone[path], str)]
    for path in paths:
        assert opened(path, text, *sound) == alone[path], path.read_bytes()[:80]


def test_a_plain_header_is_read_once(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_bytes(HEADERS["commas"] + BODIES["rows"])
    (tmp_path / "b.csv").write_bytes(HEADERS["CRLF"] + BODIES["CRLF"])
    a, b, c = open_paths([tmp_path], TextOptions())
    assert c.fields is a.fields
    assert b.fields is not a.fields
