"""A baseline: the saved JSON of `xent score` or `xent gate`, whose numbers limits can hang on."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from xentcli.errors import AccessError, ContentError, RequestError, Where
from xentcli.files import NotJson, parse_json, refuse_no_file_name
from xentcli.gates.requirement import OfBaseline, Requirement
from xentcli.results.gate import Change, GateResult
from xentcli.results.metrics import CALIBRATION, METRICS, UNITS
from xentcli.results.parts import Number
from xentcli.results.result import FORMAT_VERSION, Signature
from xentcli.results.score import ScoreResult
from xentcli.units import Unit
from xentcli.wording import brief


class Baseline(Struct, frozen=True):
    """What a file of `xent score --format json` holds."""

    name: str  # of the file
    unit: Unit
    document: dict[str, Any]

    def refuse_unlike(self, signature: Signature) -> None:
        """Raise a `ContentError` if its numbers were computed otherwise, naming what differs."""
        own, other = self.document.get("signature"), signature.to_dict()
        if not isinstance(own, dict):
            raise self._bad("has no signature, so nobody knows how its numbers were computed")
        keys = [key for key in {**other, **own} if own.get(key, ...) != other.get(key, ...)]
        if keys:
            pairs = ((key, _short(own.get(key)), _short(other.get(key))) for key in keys)
            shown = "; ".join(f"{key}: {there} there, {here} here" for key, there, here in pairs)
            hint = "score the baseline's predictions again with the options of now, or the other way round"
            message = f"its numbers were computed otherwise ({shown})"
            raise ContentError("signature", message, hint=hint, where=Where(self.name))

    def number(
        self,
        requirement: Requirement,
        class_name: str | None,
        by: tuple[tuple[str, str | None], ...],
        called: str,
    ) -> float:
        """Its number for a requirement, in its own unit; finite, and not 0 if a factor is to be taken of it.

        Raises `ContentError` if it has none, `RequestError` for one that no limit can be made from.
        """
        value = self._part(requirement.name, class_name, by).get(requirement.name)
        if value == "Infinity":
            raise RequestError(
                "baseline_infinite",
                f"{called} is infinite in the baseline {self.name}: no limit can hang on it",
                hint=f"write a number: {requirement.name} {requirement.op} 0.5, say",
            )
        number = _finite(value)
        if number is None:
            raise self._bad(f"has no {called} to compare with")
        limit = requirement.limit
        if number == 0 and isinstance(limit, OfBaseline) and limit.sign == "*":
            raise RequestError(
                "baseline_zero",
                f"{called} is 0 in the baseline {self.name}, and so is every multiple of it",
                hint=f"say by how much it may differ: {requirement.name} {requirement.op} baseline + 0.01, say",
            )
        return number

    def _part(self, name: str, class_name: str | None, by: tuple[tuple[str, str | None], ...]) -> dict[str, Any]:
        """The object that holds a number; an empty one if there is none."""
        if class_name is not None:
            return _first(self.document.get("per_class"), "class", class_name)
        whole = _first(self.document.get("slices"), "by", dict(by)) if by else self.document
        table = "metrics" if name in METRICS else "calibration" if name in CALIBRATION else "breakdown"
        part = whole.get(table)
        return part if isinstance(part, dict) else {}

    def _bad(self, message: str) -> ContentError:
        return ContentError("baseline", message, where=Where(self.name))


def read_baseline(path: str | os.PathLike[str]) -> Baseline:
    """The baseline in a file.

    Raises `AccessError` if it cannot be read, `ContentError` if it is no such JSON.
    """
    name = os.fspath(path)
    refuse_no_file_name(name)
    try:
        with open(name, "rb") as file:
            data = file.read()
    except OSError as error:
        reason = (error.strerror or "refused").lower()
        raise AccessError("unreadable", f"cannot be read: {reason}", where=Where(name)) from error
    hint = "--baseline takes what xent score or gate --format json has written"
    try:
        document = parse_json(data)
    except NotJson as error:
        raise ContentError("baseline", f"is no JSON: {error}", hint=hint, where=Where(name)) from error
    if isinstance(document, dict) and document.get("format") == GateResult.format:
        document = document.get("score")  # all that xent score would have written
    if not isinstance(document, dict) or document.get("format") != ScoreResult.format:
        kind = document.get("format") if isinstance(document, dict) else None
        what = f"holds {brief(kind)}" if isinstance(kind, str) else "is some other JSON"
        raise ContentError("baseline", f"{what}, not {ScoreResult.format}", hint=hint, where=Where(name))
    if document.get("format_version") != FORMAT_VERSION:
        message = f"has format version {_short(document.get('format_version'))}; this is {FORMAT_VERSION}"
        raise ContentError("baseline", message, where=Where(name))
    try:
        unit = Unit(str(document.get("unit")))
    except RequestError as error:
        raise ContentError("baseline", error.message, where=Where(name)) from error
    return Baseline(name, unit, document)


def _finite(value: Any) -> float | None:
    """A finite number of a JSON document; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # a whole number beyond float64
        return None


def _first(rows: Any, key: str, value: Any) -> dict[str, Any]:
    """The first of the objects in a list that has a value under a key."""
    objects = (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
    return next((row for row in objects if row.get(key) == value), {})


def _short(value: Any) -> str:
    return brief(json.dumps(value, ensure_ascii=False))


COMPARED = {
    "metrics": ("log_loss", "accuracy", "brier", "rows"),
    "breakdown": ("uncertainty", "discrimination", "miscalibration"),
}


def changes(result: ScoreResult, baseline: Baseline) -> tuple[Change, ...]:
    """The numbers of `COMPARED` in the result's unit, where one of the two has them."""
    return tuple(each for each in _changes(result, baseline) if (each.baseline, each.value) != (None, None))


def _changes(result: ScoreResult, baseline: Baseline) -> Iterator[Change]:
    factor = result.unit.of(baseline.unit.nats)
    for table, names in COMPARED.items():
        for name in names:
            old = _number(baseline.document.get(table), name)
            if old is not None and UNITS[name] == "info":
                old *= factor
            yield Change(name, old, getattr(getattr(result, table), name, None))


def _number(part: object, name: str) -> Number:
    """A number of a saved JSON; whatever else stands there is not available."""
    value = part.get(name) if isinstance(part, dict) else None
    if value == "Infinity":
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number beyond float64
        return None
