"""Recalibrations as files: `xent.calibration`, one JSON document that any language can read.

    {"format": "xent.calibration", "format_version": 1,
     "classes": [...], "positive": CLASS, "method": NAME, "input": "log_odds", "formula": TEXT,
     "parameters": {...}, "fit": {...}, "signature": {...}, "examples": [...],
     "checksum": CHECKSUM}

CHECKSUM is the SHA-256 of all bytes before the last line, so a file is read as it was written or not at all.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from typing import Any

import msgspec
from msgspec.structs import asdict

from xentcli.core.numbers.calibrated import BadParameters, check_examples, with_examples
from xentcli.errors import ContentError, Where
from xentcli.files import NotJson, parse_json
from xentcli.results.calibration_map import CalibrationMap
from xentcli.sources.open import find_file, read_bytes
from xentcli.sources.source import unless_changed
from xentcli.sources.targets import write_file

FORMAT = "xent.calibration"
FORMAT_VERSION = 1
_TAIL = re.compile(rb'"checksum": "([0-9a-f]{64})"\}\n')
_TAIL_SIZE = len(b'"checksum": ""}\n') + 64
_HINT = "xent calibrate FILE -o cal.json writes one"


def calibration_json(calibration: CalibrationMap) -> dict[str, Any]:
    """The document, without its checksum."""
    fields = {name: _json_value(value) for name, value in asdict(calibration).items()}
    return {"format": FORMAT, "format_version": FORMAT_VERSION, **fields}


def calibration_text(calibration: CalibrationMap) -> bytes:
    """The file that holds this; a map without examples gets them."""
    if not calibration.examples:
        calibration = with_examples(calibration)
    document = calibration_json(calibration)
    head = {name: document.pop(name) for name in ("format", "format_version")}
    lines = "".join(f'"{name}": {_dumps(value)},\n' for name, value in document.items())
    data = f"{_dumps(head)[:-1]},\n{lines}".encode()
    return data + f'"checksum": "{hashlib.sha256(data).hexdigest()}"}}\n'.encode()


def write_calibration(calibration: CalibrationMap, path: str | os.PathLike[str]) -> None:
    """Write a map, complete or not at all; raises `AccessError`."""
    write_file(path, calibration_text(calibration))


def read_calibration(path: str | os.PathLike[str]) -> CalibrationMap:
    """The map in a file, at a URI, or on standard input ("-").

    Raises `AccessError` for what cannot be read, `ContentError` for what is no map, is damaged or of another
    version, `RequestError` for several files.
    """
    content = find_file(path, "a calibration")
    data = read_bytes(content)
    try:
        with unless_changed(content):
            return parse_calibration(data, content.name)
    except BadParameters as fault:
        raise _refusal(content.name, f"is not a calibration that xent can have written: it {fault}") from None


def parse_calibration(data: bytes, file: str) -> CalibrationMap:
    """The map in the bytes of a file; raises `ContentError` and `BadParameters`."""
    try:
        document = parse_json(data)
    except NotJson as fault:
        message = f"is no calibration: it is not JSON ({fault})" if data else "is empty"
        raise _refusal(file, message) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _refusal(file, "is not a calibration of xent")
    if (version := document.get("format_version")) != FORMAT_VERSION:
        message = f"is of version {version} of the format; this xent reads version {FORMAT_VERSION}"
        raise _refusal(file, message, "calibrate again, or apply it with the xent that calibrated")
    tail, body = _TAIL.fullmatch(data[-_TAIL_SIZE:]), data[:-_TAIL_SIZE]
    if tail is None or hashlib.sha256(body).hexdigest().encode() != tail[1]:
        message = "is damaged, or was changed by hand: its checksum is not that of its content"
        raise _refusal(file, message, "copy it again, or calibrate again")
    return map_of(document)


def map_of(document: dict[str, Any]) -> CalibrationMap:
    """The map that is in the document; raises `BadParameters` where it cannot be applied."""
    try:
        found = msgspec.convert(document, CalibrationMap)
    except (ValueError, RecursionError) as fault:
        raise BadParameters(f"has other fields: {fault}") from None
    count = len(found.classes)
    expected = (found.classes[1], "log_odds") if count == 2 else (None, "log_softmax")
    if count < 2 or len({*found.classes}) < count or (found.positive, found.input) != expected:
        raise BadParameters("has classes that do not fit the rest")
    with_examples(found)  # whether its parameters are of its method
    check_examples(found)
    return found


def _json_value(value: Any) -> Any:
    """For JSON: infinity as "Infinity", minus infinity and what is not known as null."""
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else "Infinity" if value > 0 else None
    if isinstance(value, dict):
        return {name: _json_value(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_json_value(each) for each in value]
    return _json_value(msgspec.to_builtins(value)) if isinstance(value, msgspec.Struct) else value


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _refusal(file: str, message: str, hint: str = _HINT) -> ContentError:
    return ContentError("calibration", message, hint=hint, where=Where(file))
