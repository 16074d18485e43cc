"""JSON Lines row by row, with Python's parser: the columns of a file, nested objects, and what is wrong where."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from msgspec import Struct, field

from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, Where
from xentcli.sources.json.shapes import (
    NumberText,
    Shape,
    are_token_choices,
    fields_of_shape,
    plain_number,
    value_at,
)
from xentcli.sources.source import Field
from xentcli.wording import brief, few, is_unicode, takes_as_missing

_SAMPLE = 1000  # rows whose keys are the columns
_SURROGATE = "half a surrogate pair is no character: write both halves, or the character itself"


class _Object(dict[str, Any]):
    """An object, the first key that it has twice, and the first that is no text."""

    twice: str | None = None
    no_text: str | None = None

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> _Object:
        found = cls(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            counts = Counter(keys)
            found.twice = next(key for key in keys if counts[key] > 1)
        if not "".join(found).isascii():
            found.no_text = next((key for key in found if not is_unicode(key)), None)
        return found


_DECODER = json.JSONDecoder(object_pairs_hook=_Object.of, parse_float=NumberText, parse_int=NumberText)


class JsonRows(Struct, frozen=True):
    """Some lines of a file."""

    file: str
    data: bytes
    first_line: int
    lines: IndexArray | None = None  # the physical line of each, where they do not follow one another
    missing: tuple[str, ...] = ()  # texts that stand for what is missing, also where numbers are to be
    spelled: dict[str, int] = field(default_factory=dict)  # how many such texts stood there

    def objects(self) -> Iterator[tuple[int, _Object]]:
        """(physical line, object) of each line that is not blank."""
        for number, line in enumerate(self.data.split(b"\n"), self.first_line):
            if text := line.decode().strip(" \t\r"):
                number = number if self.lines is None else int(self.lines[number - self.first_line])
                yield number, self._object(text, number)

    def columns(self, types: Mapping[str, pa.DataType], paths: Collection[str] = ()) -> dict[str, pa.Array]:
        """A column for each key of `types`, or for where it leads if it is a path; null where a line lacks it."""
        values: dict[str, list[Any]] = {name: [] for name in types}
        for line, row in self.objects():
            if row.twice in types:
                raise self._error(line, "duplicate_key", "is in the object twice", row.twice)
            for name, kind in types.items():
                value = value_at(row, name) if name in paths else row.get(name)
                values[name].append(self._value(value, kind, line, name))
        return {name: pa.array(column, types[name]) for name, column in values.items()}

    def _object(self, text: str, line: int) -> _Object:
        try:
            value = _DECODER.decode(text)
        except json.JSONDecodeError as error:
            message = f"is not a JSON object: {error.msg.lower()} at character {error.colno}"
            hint = (
                "JSON Lines has one object on each line; jq -c . writes any JSON so" if text[:1] in "{[" else None
            )
            raise self._error(line, "parse", message, None, hint) from None
        except RecursionError:
            raise self._error(line, "parse", "is nested too deeply") from None
        if not isinstance(value, _Object):
            raise self._error(line, "parse", f"{_brief(value)} is not a JSON object")
        for each in (value, *value.values()):
            if isinstance(each, _Object) and each.no_text is not None:
                message = f'the key "{brief(each.no_text)}" is not valid Unicode'
                raise self._error(line, "encoding", message, None, _SURROGATE)
        return value

    def _value(self, value: Any, kind: pa.DataType, line: int, name: str) -> Any:
        if value is None:
            return None
        if pa.types.is_string(kind):
            return self._text(value, line, name)
        if pa.types.is_floating(kind):
            return self._number(value, line, name)
        if pa.types.is_list(kind) and isinstance(value, list):
            return [self._item(item, kind.value_type, line, name) for item in value]
        if pa.types.is_struct(kind) and isinstance(value, _Object):
            return self._struct(value, kind, line, name)
        expected = "array of numbers" if pa.types.is_list(kind) else "object"
        raise self._error(line, "not_a_list", f"{_brief(value)} is not an {expected}", name)

    def _item(self, value: Any, kind: pa.DataType, line: int, name: str) -> Any:
        """A value inside a list: of an object those keys that are known."""
        if pa.types.is_floating(kind) and (number := plain_number(value)) is not None:
            return float(number)
        if pa.types.is_struct(kind) and isinstance(value, _Object) and value.twice is None:
            return {field.name: self._value(value.get(field.name), field.type, line, name) for field in kind}
        return self._value(value, kind, line, name)

    def _struct(self, value: _Object, kind: pa.DataType, line: int, name: str) -> dict[str, Any]:
        known = [field.name for field in kind]
        if value.twice is not None:
            raise self._error(line, "duplicate_key", f'has the key "{value.twice}" twice', name)
        for key in value:
            if key not in known:
                message = f'has the key "{key}", which the first {_SAMPLE:,} rows lack'
                raise self._error(line, "key", message, name, f"keys: {few(known, 40, '')}")
        return {key: self._value(item, kind.field(key).type, line, name) for key, item in value.items()}

    def _text(self, value: Any, line: int, name: str) -> str | None:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            if not is_unicode(value):
                message = f'"{brief(value)}" is not valid Unicode'
                raise self._error(line, "encoding", message, name, _SURROGATE)
            return str(value)
        if isinstance(value, float):
            return None if value != value else "Infinity" if value > 0 else "-Infinity"
        message = f"{_brief(value)} cannot be a label"
        raise self._error(line, "label_type", message, name, "labels are text, numbers or booleans")

    def _number(self, value: Any, line: int, name: str) -> float | None:
        if value is None or isinstance(value, NumberText | bool | float):
            return None if value is None else float(value)
        if isinstance(value, str) and value.strip() in self.missing:
            self.spelled[value.strip()] = self.spelled.get(value.strip(), 0) + 1
            return None
        hint = None
        if isinstance(value, str):
            hint = takes_as_missing(value) or "numbers stored as text: write them without quotes"
        if are_token_choices(value):
            hint = "which of these tokens is that of the prompt? vLLM writes it alone with prompt_logprobs=0"
        raise self._error(line, "not_a_number", f"{_brief(value)} is not a number", name, hint)

    def _error(
        self, line: int, code: str, message: str, column: str | None = None, hint: str | None = None
    ) -> ContentError:
        return ContentError(code, message, hint=hint, where=Where(self.file, line=line), column=column)


def infer_fields(rows: JsonRows) -> Sequence[Field]:
    """The keys of the first 1,000 rows, in order, and those inside their objects."""
    shape = Shape()
    for count, (_, row) in enumerate(rows.objects(), 1):
        shape.add(row)
        if count == _SAMPLE:
            break
    return fields_of_shape(shape)


def _brief(value: Any) -> str:
    try:
        return brief(value if isinstance(value, NumberText) else json.dumps(value, ensure_ascii=False))
    except RecursionError:  # it could only just be read
        return "what is nested so deeply"
