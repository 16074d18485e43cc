"""The configuration: `[tool.xent]` of `pyproject.toml`, with `gate` in it for the gate alone, or `xent.toml`.

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
from xentcli.files import reason
from xentcli.wording import brief, brief_repr, did_you_mean

ConfigKind = Literal["text", "texts", "list", "number", "flag"]
ConfigValue = str | float | bool | tuple[str, ...]

PYPROJECT, OWN = "pyproject.toml", "xent.toml"

_LARGEST = 1 << 63  # of a whole number in TOML
_SIZE = "whole numbers of TOML have 64 bits"
_EXPECTED: dict[ConfigKind, str] = {
    "text": "a string",
    "texts": "a string or an array of strings",
    "list": "a string or an array of strings",
    "number": "a number",
    "flag": "true or false",
}


class ConfigKey(Struct, frozen=True):
    """An option that a configuration may hold."""

    kind: ConfigKind  # "texts": it can be given many times; "list": a comma list with CSV quoting
    is_path: Callable[[str], bool] = lambda text: False  # such texts are relative to the configuration
    example: str = ""  # how a text looks


class Config(Struct, frozen=True):
    """What a configuration asks for: option names without dashes in front, and their values."""

    path: str
    prefix: str  # of the keys of the gate: "tool.xent.gate." of pyproject.toml
    values: dict[str, ConfigValue]  # of the gate
    general_prefix: str = ""  # "tool.xent."
    general: dict[str, ConfigValue] = {}  # the defaults of every command

    def key(self, name: str) -> str:
        """The whole path of a key."""
        is_general = name in self.general and name not in self.values
        return f"{self.general_prefix if is_general else self.prefix}{name}"

    def error(self, name: str, message: str, hint: str | None = None) -> RequestError:
        """About one key."""
        return _error(self.path, f"{self.key(name)}: {message}", hint)


Keys = Mapping[str, ConfigKey]


def find_config(known: Keys, general: Keys | None = None, folder: str = ".") -> Config | None:
    """The configuration of a folder, with `known` keys of the gate, and `general` ones of every command.

    It stands in the folder, or in the nearest above up to a `pyproject.toml` or `.git`; None without.

    Raises `RequestError` for what is wrong in it, `AccessError` where it cannot be read.
    """
    for above in _folders_above(folder):
        paths = [path for name in (OWN, PYPROJECT) if os.path.isfile(path := _join(above, name))]
        found = [config for path in paths if (config := _read(path, known, general or {}))]
        if len(found) > 1:
            message = f"{OWN} and {PYPROJECT} both configure xent"
            raise RequestError("config", message, hint=f"--config {found[0].path}")
        if found:
            return found[0]
        if os.path.exists(_join(above, PYPROJECT)) or os.path.exists(_join(above, ".git")):
            return None
    return None


def load_config(path: str, known: Keys, general: Keys | None = None) -> Config:
    """The configuration in a file; raises as `find_config` does, and where the file has none."""
    found = _read(path, known, general or {})
    if found is None:
        raise _error(path, "has no [tool.xent]")
    return found


def _error(path: str, message: str, hint: str | None = None) -> RequestError:
    return RequestError("config", message, hint=hint, where=Where(path))


def _folders_above(folder: str) -> Iterator[str]:
    """The folder, the one above, and so on to the root, as short relative paths."""
    place = os.path.realpath(folder)
    while True:
        yield folder
        if os.path.dirname(place) == place:
            return
        place = os.path.dirname(place)
        folder = os.pardir if folder == os.curdir else os.path.join(folder, os.pardir)


def _join(folder: str, path: str) -> str:
    return path if folder in ("", os.curdir) else os.path.join(folder, path)


def _read(path: str, known: Keys, general: Keys) -> Config | None:
    """The configuration in a file; keys of the gate may also stand at the top of one without a table for them."""
    document = _document(path)
    own = os.path.basename(path) != PYPROJECT
    if own and "tool" not in document:
        table, prefix = document, ""
    else:
        if own and (stray := next((name for name in document if name in (*known, *general, "gate")), None)):
            raise _error(path, f"{stray}: stands beside [tool], not in it")
        found = _inner(_inner(document, "tool", path, ""), "xent", path, "tool.")
        if found is None:
            return None
        table, prefix = found, "tool.xent."
    gate = _inner(table, "gate", path, prefix)
    mixed = gate is None and not prefix
    top = {name: value for name, value in table.items() if name != "gate"}
    if not mixed and (misplaced := next((name for name in top if name in known and name not in general), None)):
        raise _error(path, f"{prefix}{misplaced}: belongs to the gate only", f"it belongs in [{prefix}gate]")
    _refuse_unknown(top, (*general, *known) if mixed else (*general, "gate"), path, prefix)
    of_gate = {name: top.pop(name) for name in [*top] if name not in general} if mixed else gate or {}
    gate_prefix = prefix if mixed else f"{prefix}gate."
    _refuse_unknown(of_gate, known, path, gate_prefix)
    return Config(
        path,
        gate_prefix,
        {name: _value(value, known[name], path, f"{gate_prefix}{name}") for name, value in of_gate.items()},
        prefix,
        {name: _value(value, general[name], path, f"{prefix}{name}") for name, value in top.items()},
    )


def _inner(table: dict[str, Any] | None, key: str, path: str, prefix: str) -> dict[str, Any] | None:
    """A table in a table; None without."""
    found = None if table is None else table.get(key)
    if found is not None and not isinstance(found, dict):
        raise _error(path, f"{prefix}{key}: expected a table, not {_describe(found)}")
    return found


def _document(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise AccessError("config", f"cannot be read: {reason(error)}", where=Where(path)) from error
    except UnicodeDecodeError as error:
        raise _error(path, f"is not UTF-8, at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        where = Where(path, line=int(place[1])) if place else Where(path)
        message = str(error)[: place.start()] if place else str(error)
        raise RequestError("config", f"is not TOML: {message}", where=where) from error
    except ValueError as error:  # Python reads no integer of so many digits
        raise _error(path, "has a number beyond 64 bits", _SIZE) from error
    except RecursionError as error:
        raise _error(path, "is nested too deeply") from error


def _refuse_unknown(table: dict[str, Any], known: Iterable[str], path: str, prefix: str) -> None:
    for name in table:
        if name not in known:
            meant = did_you_mean(name.replace("_", "-"), known, any_case=False).rstrip()
            raise _error(path, f"{prefix}{name}: unknown key", meant or f"keys: {', '.join(known)}")


def _value(value: Any, key: ConfigKey, path: str, name: str) -> ConfigValue:
    """The value of the key of that full name."""
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if isinstance(text, str) and key.is_path(text) and "\0" in text:
            raise _error(path, f"{name}: no path holds a NUL character: {_describe(text)}")
    if key.kind == "flag" and isinstance(value, bool):
        return value
    if key.kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            raise _error(path, f"{name}: is a number beyond 64 bits", _SIZE)
        return value
    several = key.kind in ("texts", "list")
    if (several or (key.kind == "text" and texts is not value)) and all(isinstance(text, str) for text in texts):
        if key.kind == "list" and texts is value:
            line = io.StringIO()
            csv.writer(line, lineterminator="").writerow(texts)
            return line.getvalue()
        placed = tuple(_relative_path(text, key, path) for text in texts)
        return placed if key.kind == "texts" else placed[0]
    example = f', such as "{key.example}"' if key.example else ""
    raise _error(path, f"{name}: expected {_EXPECTED[key.kind]}{example}, not {_describe(value)}")


def _relative_path(text: str, key: ConfigKey, path: str) -> str:
    """A path of the configuration as it is from the working directory; streams and addresses stay."""
    stays = not key.is_path(text) or text == "-" or "://" in text
    return text if stays else _join(os.path.dirname(path), text)


def _describe(value: Any) -> str:
    """A value as TOML has it, if it is short; else its type."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array" if all(isinstance(x, str) for x in value) else "one of other values"
    if isinstance(value, str):
        return f'"{brief(value)}"'
    if isinstance(value, int) and not isinstance(value, bool):
        return brief_repr(value)
    return f"{value}".lower() if isinstance(value, bool) else f"{value}"
