"""The configuration of the gate: `[tool.xent.gate]` of `pyproject.toml`, or `xent.toml`.

Its keys are options of the command line, by their names and with their values. What is found is checked for names
and types; what a value means is for whoever the option belongs to. Every error names file and key.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from xentcli.errors import AccessError, RequestError, Where
from xentcli.wording import brief, brief_repr, did_you_mean

Kind = Literal["text", "texts", "list", "number", "flag"]
Value = str | float | bool | tuple[str, ...]

PYPROJECT, OWN = "pyproject.toml", "xent.toml"

_LARGEST = 1 << 63  # of a whole number in TOML
_SIZE = "whole numbers of TOML have 64 bits"
_EXPECTED: dict[Kind, str] = {
    "text": "a string",
    "texts": "a string or an array of strings",
    "list": "a string or an array of strings",
    "number": "a number",
    "flag": "true or false",
}


class Key(Struct, frozen=True):
    """An option that a configuration may hold."""

    kind: Kind  # "texts": it can be given many times; "list": a comma list with CSV quoting
    is_path: Callable[[str], bool] = lambda text: False  # such texts are relative to the configuration
    example: str = ""  # how a text looks


class Config(Struct, frozen=True):
    """What a configuration asks for: option names without dashes in front, and their values."""

    path: str
    prefix: str  # of its keys: "tool.xent.gate." of pyproject.toml
    values: dict[str, Value]

    def key(self, name: str) -> str:
        """The whole path of a key."""
        return f"{self.prefix}{name}"

    def error(self, name: str, message: str, hint: str | None = None) -> RequestError:
        """About one key."""
        return RequestError("config", f"{self.key(name)}: {message}", hint=hint, where=Where(self.path))


def find(known: Mapping[str, Key], folder: str = ".") -> Config | None:
    """The configuration of a folder, or of the nearest above up to a `pyproject.toml` or `.git`; None without.

    Raises `RequestError` for what is wrong in it, `AccessError` where it cannot be read.
    """
    for above in _upwards(folder):
        paths = [path for name in (OWN, PYPROJECT) if os.path.isfile(path := _beside(above, name))]
        found = [config for path in paths if (config := _loaded(path, known)) is not None]
        if len(found) > 1:
            raise RequestError(
                "config", f"{OWN} and {PYPROJECT} both configure the gate", hint=f"--config {found[0].path}"
            )
        if found:
            return found[0]
        if os.path.exists(_beside(above, PYPROJECT)) or os.path.exists(_beside(above, ".git")):
            return None
    return None


def load(path: str, known: Mapping[str, Key]) -> Config:
    """The configuration in a file; raises as `find` does, and where the file has none."""
    found = _loaded(path, known)
    if found is None:
        raise RequestError("config", "has no [tool.xent.gate]", where=Where(path))
    return found


def _upwards(folder: str) -> Iterator[str]:
    """The folder, the one above, and so on to the root, as short relative paths."""
    place = os.path.realpath(folder)
    while True:
        yield folder
        if os.path.dirname(place) == place:
            return
        place = os.path.dirname(place)
        folder = os.pardir if folder == os.curdir else os.path.join(folder, os.pardir)


def _beside(folder: str, path: str) -> str:
    return path if folder in ("", os.curdir) else os.path.join(folder, path)


def _loaded(path: str, known: Mapping[str, Key]) -> Config | None:
    document = _document(path)
    if os.path.basename(path) != PYPROJECT:
        if "tool" not in document:
            return _own(path, document, known)
        _refuse_mixed(document, known, path)
    tool = _table(document, "tool", path, "")
    xent = _table(tool or {}, "xent", path, "tool.")
    if xent is None:
        return None
    _refuse_unknown(xent, ["gate"], path, "tool.xent.")
    gate = _table(xent, "gate", path, "tool.xent.")
    return None if gate is None else _checked(path, "tool.xent.gate.", gate, known)


def _own(path: str, document: dict[str, Any], known: Mapping[str, Key]) -> Config:
    """A file of xent's own: keys at the top, or all under [gate]."""
    if "gate" not in document:
        return _checked(path, "", document, known)
    _refuse_unknown(document, ["gate"], path, "")
    return _checked(path, "gate.", _table(document, "gate", path, "") or {}, known)


def _refuse_mixed(document: dict[str, Any], known: Mapping[str, Key], path: str) -> None:
    """Keys of the gate beside [tool] would be passed over."""
    for name in document:
        if name in known or name == "gate":
            raise RequestError("config", f"{name}: stands beside [tool], not in it", where=Where(path))


def _document(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        reason = (error.strerror or "refused").lower()
        raise AccessError("config", f"cannot be read: {reason}", where=Where(path)) from error
    except UnicodeDecodeError as error:
        raise RequestError("config", f"is not UTF-8, at byte {error.start}", where=Where(path)) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        where = Where(path, line=int(place[1])) if place else Where(path)
        message = str(error)[: place.start()] if place else str(error)
        raise RequestError("config", f"is not TOML: {message}", where=where) from error
    except ValueError as error:  # Python reads no integer of so many digits
        raise RequestError("config", "has a number beyond 64 bits", hint=_SIZE, where=Where(path)) from error
    except RecursionError as error:
        raise RequestError("config", "is nested too deeply", where=Where(path)) from error


def _table(document: dict[str, Any], name: str, path: str, prefix: str) -> dict[str, Any] | None:
    found = document.get(name)
    if found is not None and not isinstance(found, dict):
        raise RequestError("config", f"{prefix}{name}: expected a table, not {_shown(found)}", where=Where(path))
    return found


def _checked(path: str, prefix: str, table: dict[str, Any], known: Mapping[str, Key]) -> Config:
    _refuse_unknown(table, known, path, prefix)
    config = Config(path, prefix, {})
    folder = os.path.dirname(path)
    for name, value in table.items():
        config.values[name] = _value(value, known[name], folder, config, name)
    return config


def _refuse_unknown(table: dict[str, Any], known: Iterable[str], path: str, prefix: str) -> None:
    for name in table:
        if name not in known:
            meant = did_you_mean(name.replace("_", "-"), known, any_case=False).rstrip()
            hint = meant or f"keys: {', '.join(known)}"
            raise RequestError("config", f"{prefix}{name}: there is no such key", hint=hint, where=Where(path))


def _value(value: Any, key: Key, folder: str, config: Config, name: str) -> Value:
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and key.is_path(text) and "\0" in text:
            raise config.error(name, f"no path holds a NUL character: {_shown(text)}")
    if key.kind == "flag" and isinstance(value, bool):
        return value
    if key.kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            raise config.error(name, "is a number beyond 64 bits", _SIZE)
        return value
    if isinstance(value, str) and key.kind not in ("flag", "number"):
        text = _placed(value, key, folder)
        return (text,) if key.kind == "texts" else text
    if isinstance(value, list) and key.kind in ("texts", "list") and all(isinstance(x, str) for x in value):
        return _listed(value, key, folder)
    example = f', such as "{key.example}"' if key.example else ""
    raise config.error(name, f"expected {_EXPECTED[key.kind]}{example}, not {_shown(value)}")


def _listed(values: list[str], key: Key, folder: str) -> Value:
    if key.kind == "list":
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(values)
        return line.getvalue()
    return tuple(_placed(each, key, folder) for each in values)


def _placed(text: str, key: Key, folder: str) -> str:
    """A path of the configuration as it is from the working directory; streams and addresses stay."""
    return text if not key.is_path(text) or text == "-" or "://" in text else _beside(folder, text)


def _shown(value: Any) -> str:
    """A value as TOML has it, if it is short; else its type."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array" if all(isinstance(x, str) for x in value) else "one of other values"
    if isinstance(value, str):
        return f'"{brief(value)}"'
    return (
        str(value).lower()
        if isinstance(value, bool)
        else brief_repr(value)
        if isinstance(value, int)
        else f"{value}"
    )
