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
    prefix: str  # of its keys: "tool.xent.gate." of pyproject.toml
    values: dict[str, ConfigValue]

    def key(self, name: str) -> str:
        """The whole path of a key."""
        return f"{self.prefix}{name}"

    def error(self, name: str, message: str, hint: str | None = None) -> RequestError:
        """About one key."""
        return _error(self.path, f"{self.key(name)}: {message}", hint)


def find_config(known: Mapping[str, ConfigKey], folder: str = ".") -> Config | None:
    """The configuration of a folder, or of the nearest above up to a `pyproject.toml` or `.git`; None without.

    Raises `RequestError` for what is wrong in it, `AccessError` where it cannot be read.
    """
    for above in _folders_above(folder):
        paths = [path for name in (OWN, PYPROJECT) if os.path.isfile(path := _join(above, name))]
        found = [config for path in paths if (config := _read(path, known)) is not None]
        if len(found) > 1:
            message = f"{OWN} and {PYPROJECT} both configure the gate"
            raise RequestError("config", message, hint=f"--config {found[0].path}")
        if found:
            return found[0]
        if os.path.exists(_join(above, PYPROJECT)) or os.path.exists(_join(above, ".git")):
            return None
    return None


def load_config(path: str, known: Mapping[str, ConfigKey]) -> Config:
    """The configuration in a file; raises as `find_config` does, and where the file has none."""
    found = _read(path, known)
    if found is None:
        raise _error(path, "has no [tool.xent.gate]")
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


def _read(path: str, known: Mapping[str, ConfigKey]) -> Config | None:
    """The configuration in a file: keys of [tool.xent.gate]; in xent.toml also of [gate], or at the top."""
    table, prefix, keys = _document(path), "", ["tool", "xent", "gate"]
    if os.path.basename(path) != PYPROJECT:
        if "tool" not in table:
            keys = ["gate"] if "gate" in table else []
        elif stray := next((name for name in table if name in known or name == "gate"), None):  # passed over, else
            raise _error(path, f"{stray}: stands beside [tool], not in it")
    for key in keys:
        if key == "gate":
            _refuse_unknown(table, ["gate"], path, prefix)
        found = table.get(key)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise _error(path, f"{prefix}{key}: expected a table, not {_describe(found)}")
        table, prefix = found, f"{prefix}{key}."
    _refuse_unknown(table, known, path, prefix)
    config = Config(path, prefix, {})
    config.values.update({name: _value(value, known[name], config, name) for name, value in table.items()})
    return config


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
            raise _error(path, f"{prefix}{name}: there is no such key", meant or f"keys: {', '.join(known)}")


def _value(value: Any, key: ConfigKey, config: Config, name: str) -> ConfigValue:
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if isinstance(text, str) and key.is_path(text) and "\0" in text:
            raise config.error(name, f"no path holds a NUL character: {_describe(text)}")
    if key.kind == "flag" and isinstance(value, bool):
        return value
    if key.kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            raise config.error(name, "is a number beyond 64 bits", _SIZE)
        return value
    several = key.kind in ("texts", "list")
    if (several or (key.kind == "text" and texts is not value)) and all(isinstance(text, str) for text in texts):
        if key.kind == "list" and texts is value:
            line = io.StringIO()
            csv.writer(line, lineterminator="").writerow(texts)
            return line.getvalue()
        placed = tuple(_relative_path(text, key, config) for text in texts)
        return placed if key.kind == "texts" else placed[0]
    example = f', such as "{key.example}"' if key.example else ""
    raise config.error(name, f"expected {_EXPECTED[key.kind]}{example}, not {_describe(value)}")


def _relative_path(text: str, key: ConfigKey, config: Config) -> str:
    """A path of the configuration as it is from the working directory; streams and addresses stay."""
    stays = not key.is_path(text) or text == "-" or "://" in text
    return text if stays else _join(os.path.dirname(config.path), text)


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
