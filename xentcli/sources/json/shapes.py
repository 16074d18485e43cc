"""What the values of JSON objects look like: the columns of a file, also those inside objects, and their types.

A scalar has no type, as in other text: who asks for it says whether it is a label or a number. Inside lists, whose
values are read as they are, numbers are float64 and anything else is text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from xentcli.sources.source import Field
from xentcli.wording import is_unicode

_DEEPEST = 12  # objects and lists inside one another that are looked into
_MOST_PATHS = 20_000  # columns inside objects
_TRUTHS = ("True", "False", "true", "false")


class NumberText(str):
    """A number as it is spelled."""

    __slots__ = ()


class Shape:
    """What was seen at one place: objects with these keys, lists of this, or scalars.

    Numbers among texts make it numbers, so that what is wrong is said where it stands.
    """

    def __init__(self) -> None:
        self.keys: dict[str, Shape] = {}
        self.items: Shape | None = None
        self.is_object = self.is_text = self.is_number = False

    def add(self, value: Any, depth: int = 0) -> None:
        """One more value; null tells nothing."""
        if isinstance(value, dict) and depth < _DEEPEST:
            self.is_object = True
            for key, item in value.items() if depth < 1 else filter(_has_text, value.items()):
                shape = self.keys.get(key)
                if shape is None:
                    shape = self.keys[key] = Shape()
                if type(item) is NumberText:  # as most are
                    shape.is_number = True
                else:
                    shape.add(item, depth + 1)
        elif isinstance(value, list):
            self.items = self.items or Shape()
            for item in value:
                plain = NumberText("0") if are_token_choices(item) else plain_number(item)
                self.items.add(item if plain is None else plain, depth + 1) if depth < _DEEPEST else None
        elif value is not None:
            number = isinstance(value, NumberText | bool | float)
            self.is_number, self.is_text = self.is_number or number, self.is_text or not number

    def type(self) -> pa.DataType | None:
        """The type of a column of such values; None for scalars."""
        if self.items is not None:
            return pa.list_(self.items.item_type())
        return self._struct() if self.is_object else None

    def item_type(self) -> pa.DataType:
        """The type of such values inside a list or an object."""
        if self.items is not None:
            return pa.list_(self.items.item_type())
        if self.is_object and not (self.is_number or self.is_text):
            return self._struct()
        return pa.float64() if self.is_number or not self.is_text else pa.string()

    def _struct(self) -> pa.DataType:
        return pa.struct([(key, shape.item_type()) for key, shape in self.keys.items()])

    def paths(self, name: str = "", lists: int = 0) -> Iterator[tuple[str, pa.DataType | None]]:
        """The columns inside, named by the keys on the way with dots between, and their types."""
        inside = self
        while inside.items is not None and not inside.keys:
            inside, lists = inside.items, lists + 1
        for key, shape in inside.keys.items():
            path = f"{name}.{key}" if name else key
            kind = shape.type()
            for _ in range(lists):
                kind = pa.list_(shape.item_type() if kind is None else kind)
            if name:
                yield path, kind
            yield from shape.paths(path, lists)


def fields_of_shape(rows: Shape) -> tuple[Field, ...]:
    """The keys of objects as columns, in order, then what can be reached inside them and is no key itself."""
    fields = {key: Field(key, shape.type()) for key, shape in rows.keys.items()}
    for path, kind in rows.paths():
        if len(fields) >= _MOST_PATHS + len(rows.keys):
            break
        fields.setdefault(path, Field(path, kind, path=True))
    return tuple(fields.values())


def value_at(value: Any, path: str) -> Any:
    """Where a path of keys leads; lists on the way give a list of what is there."""
    if isinstance(value, list):
        return [value_at(item, path) for item in value]
    if not isinstance(value, Mapping) or path in value:
        return value[path] if isinstance(value, Mapping) else None
    cut = path.find(".")
    while cut > 0:  # a key may hold a dot itself
        if path[:cut] in value:
            return value_at(value[path[:cut]], path[cut + 1 :])
        cut = path.find(".", cut + 1)
    return None


def _has_text(entry: tuple[str, Any]) -> bool:
    return is_unicode(entry[0])


def are_token_choices(value: Any) -> bool:
    """Whether an object has the log-probabilities of several tokens in one place, by their ids."""
    if not isinstance(value, Mapping) or len(value) < 2:
        return False
    return all(isinstance(each, Mapping) and "logprob" in each for each in value.values())


def plain_number(value: Any) -> NumberText | None:
    """The number that a tool wrote in more words; None for what is no such thing.

    lm-eval-harness writes the log-likelihood of a choice as `[-33.2, false]`, or both as texts, and in `resps` a
    list around it. vLLM's `prompt_logprobs` have an object for each token, `{"791": {"logprob": -3.2, ...}}`: with
    more than one entry it does not say which is the token of the prompt.
    """
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], list):
            return plain_number(value[0])
        if len(value) == 2 and (value[1] in _TRUTHS or isinstance(value[1], bool)):
            return _number(value[0])
    elif isinstance(value, Mapping) and len(value) == 1:
        [entry] = value.values()
        if isinstance(entry, Mapping) and isinstance(entry.get("logprob"), NumberText | float):
            return NumberText(entry["logprob"])
    return None


def _number(value: Any) -> NumberText | None:
    if isinstance(value, NumberText):
        return value
    try:
        float(value if isinstance(value, str | float) and not isinstance(value, bool) else "")
    except ValueError:
        return None
    return NumberText(value)
