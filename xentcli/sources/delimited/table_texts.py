"""Texts that hold a table, but are not delimited text: what they are, and how to read them all the same."""

from __future__ import annotations

import re

from xentcli.errors import ContentError, Where
from xentcli.sources.delimited.start import Start
from xentcli.sources.source import TextOptions
from xentcli.sources.text import count_lines
from xentcli.wording import typed

_ARFF = re.compile(rb"(?:[ \t]*+(?:%[^\r\n]*+)?(?:\r\n|\n|\r))*+[ \t]*+@relation\b", re.I)
_ARFF_DATA = re.compile(rb"(?:\A|(?<=[\r\n]))[ \t]*+@data\b[^\r\n]*+(?:\r\n|\n|\r)", re.I)
_XML_OR_HTML = re.compile(rb"\s*+<(?:\?xml|!doctype|html|table|[a-z]+[ >])", re.I)
_RULE = re.compile(r"(?=.*---)[-+|:=\s]++")
ORANGE_TYPES = {"continuous", "c", "discrete", "d", "string", "s", "text", "time", "t"}
_ORANGE_ROLES = {"class", "meta", "ignore", "c", "m", "i", "weight", "w"}


def refuse_table_texts(start: Start, text: TextOptions, name: str) -> None:
    """Refuse a text that is known to be of another kind, unless options say which of its lines are rows."""
    if text.skip_lines or not text.header:
        return
    data, where = start.data[start.begin :], Where(name)
    if _ARFF.match(data):
        found = _ARFF_DATA.search(start.data)
        lines = "" if found is None else str(count_lines(start.data, found.end()))
        raise ContentError("format", "is an ARFF file, of Weka", hint=_skip(lines), where=where)
    if _XML_OR_HTML.match(data):
        raise ContentError("format", "is XML or HTML", hint="write CSV or Parquet", where=where)
    lines_ = start.lines(None)
    if len(lines_) > 2 and _is_orange(lines_[:3]):
        before = count_lines(start.before)
        hint = f"{_skip(str(before + 3))}; sed {before + 2},{before + 3}d FILE | xent score - keeps the names"
        raise ContentError(
            "format", "is an Orange table: types and roles stand below the names", hint=hint, where=where
        )
    rule = next((i for i, line in enumerate(lines_[:2]) if _RULE.fullmatch(line)), None)
    if rule is not None:
        hint = f"sed {count_lines(start.before) + rule + 1}d FILE | xent score -, or write the table as CSV"
        raise ContentError(
            "format", "is a table drawn for people: a rule stands among its lines", hint=hint, where=where
        )


def _skip(lines: str) -> str:
    if not lines:
        return "write CSV or Parquet"
    return f'{typed("--skip-lines", lines)} --no-header reads the rows below, whose columns are then "0", "1", ...'


def _is_orange(lines: list[str]) -> bool:
    """Whether three lines are the names, types and roles of the columns."""
    names, types, roles = (line.split("\t") for line in lines)
    known = [kind for kind in types if kind in ORANGE_TYPES]
    role_words = [word for role in roles for word in role.split()]
    are_roles = bool(role_words) and all(word in _ORANGE_ROLES or "=" in word for word in role_words)
    return len(names) == len(types) >= 2 and len(roles) <= len(names) and bool(known) and are_roles
