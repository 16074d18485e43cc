"""A baseline: the JSON of `xent score` or `xent gate`, or what a state says, whose numbers limits can hang on."""

from __future__ import annotations

import json
import math
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from xentcli.errors import ContentError, RequestError, Where
from xentcli.files import NotJson, parse_json
from xentcli.gates.requirement import BaselineLimit, Requirement
from xentcli.gates.verdict import Estimate, Threshold, number_name
from xentcli.results.gate import BaselineChange, GateResult
from xentcli.results.metrics import CALIBRATION, METRICS, UNITS
from xentcli.results.result import FORMAT_VERSION, Signature
from xentcli.results.saved import saved_number
from xentcli.results.score import ScoreResult
from xentcli.units import Unit
from xentcli.wording import brief


class Baseline(Struct, frozen=True):
    """What a file of `xent score --format json` holds, or would hold."""

    name: str  # of the file
    unit: Unit
    document: dict[str, Any]

    def refuse_unlike(self, signature: Signature) -> None:
        """Raise a `ContentError` if its numbers were computed differently, naming what differs."""
        own, other = self.document.get("signature"), signature.to_dict()
        if not isinstance(own, dict):
            raise self._error("has no signature, so how its numbers were computed is unknown")
        keys = [key for key in {**other, **own} if own.get(key, _USUAL.get(key, ...)) != other.get(key, ...)]
        if keys:
            pairs = ((key, _short(own.get(key)), _short(other.get(key))) for key in keys)
            shown = "; ".join(f"{key}: {there} there, {here} here" for key, there, here in pairs)
            hint = "score the baseline's predictions again with the options of now, or the other way round"
            message = f"its numbers were computed differently ({shown})"
            raise ContentError("signature", message, hint=hint, where=Where(self.name))

    def threshold(
        self, requirement: Requirement, limit: BaselineLimit, found: Estimate, unit: Unit, remark: str = ""
    ) -> Threshold:
        """The limit on a number, in the baseline's own unit; a margin is read in `unit`.

        Raises `ContentError` if it has no such number, `RequestError` for one that no limit can be made from.
        """
        number = self._number(requirement, limit, found)
        there = limit
        if requirement.metric.unit == "info" and limit.sign in ("+", "-") and unit != self.unit:
            there = replace(limit, number=limit.number * self.unit.of(unit.nats))
        requirement.refuse_infinite(there.of(number))
        return Threshold(there.of(number), requirement.unit_words(self.unit), number, limit.change, remark)

    def _number(self, requirement: Requirement, limit: BaselineLimit, found: Estimate) -> float:
        """Its number for a requirement: finite, and not 0 if a factor is to be taken of it."""
        called, comparison = number_name(requirement, found), f"{requirement.name} {requirement.op}"
        part = self._part(requirement.name, found.class_name, found.by)
        if part.get(requirement.name) == "Infinity":
            raise RequestError(
                "baseline_infinite",
                f"{called} is infinite in the baseline {self.name}: no limit can be relative to it",
                hint=f"write a number: {comparison} 0.5, say",
            )
        number = saved_number(part, requirement.name)
        if number is None or not math.isfinite(number):
            raise self._error(f"has no {called} to compare with")
        if number == 0 and limit.sign == "*":
            raise RequestError(
                "baseline_zero",
                f"{called} is 0 in the baseline {self.name}, and so is every multiple of it",
                hint=f"say by how much it may differ: {comparison} baseline + 0.01, say",
            )
        return number

    def _part(self, name: str, class_name: str | None, by: tuple[tuple[str, str | None], ...]) -> dict[str, Any]:
        """The object that holds a number; an empty one if there is none."""
        if class_name is not None:
            return _first(self.document.get("per_class"), "class", class_name)
        rows = _first(self.document.get("slices"), "by", dict(by)) if by else self.document
        table = "metrics" if name in METRICS else "calibration" if name in CALIBRATION else "breakdown"
        part = rows.get(table)
        return part if isinstance(part, dict) else {}

    def _error(self, message: str) -> ContentError:
        return ContentError("baseline", message, where=Where(self.name))


def parse_baseline(name: str, data: bytes) -> Baseline:
    """The baseline in the bytes of a file; raises `ContentError` if they are no such JSON."""
    hint = "--baseline takes what xent score or gate --format json has written, or a state of xent score"
    try:
        document = parse_json(data)
        if isinstance(document, dict) and document.get("format") == GateResult.format:
            document = document.get("score")  # all that xent score would have written
        if not isinstance(document, dict) or document.get("format") != ScoreResult.format:
            kind = document.get("format") if isinstance(document, dict) else None
            what = f"holds {brief(kind)}" if isinstance(kind, str) else "is some other JSON"
            raise ContentError("baseline", f"{what}, not {ScoreResult.format}", hint=hint, where=Where(name))
        if document.get("format_version") != FORMAT_VERSION:
            message = f"has format version {_short(document.get('format_version'))}; this is {FORMAT_VERSION}"
            raise ContentError("baseline", message, where=Where(name))
        return Baseline(name, Unit(str(document.get("unit"))), document)
    except NotJson as error:
        raise ContentError("baseline", f"is not JSON: {error}", hint=hint, where=Where(name)) from error
    except RequestError as error:
        raise ContentError("baseline", error.message, where=Where(name)) from error


def _first(rows: Any, key: str, value: Any) -> dict[str, Any]:
    """The first of the objects in a list that has a value under a key."""
    objects = (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
    return next((row for row in objects if row.get(key) == value), {})


def _short(value: Any) -> str:
    return brief(json.dumps(value, ensure_ascii=False))


_USUAL: dict[str, Any] = {"where": []}  # of keys that a baseline may be older than
CHANGES = {
    "metrics": ("log_loss", "accuracy", "brier", "rows"),
    "breakdown": ("uncertainty", "discrimination", "miscalibration"),
}


def baseline_changes(result: ScoreResult, baseline: Baseline) -> tuple[BaselineChange, ...]:
    """The numbers of `CHANGES` in the result's unit, where one of the two has them."""
    factor = result.unit.of(baseline.unit.nats)
    found = []
    for table, names in CHANGES.items():
        for name in names:
            old = saved_number(baseline.document.get(table), name)
            new = getattr(getattr(result, table), name, None)
            if old is not None and UNITS[name] == "info":
                old *= factor
            if (old, new) != (None, None):
                found.append(BaselineChange(name, old, new))
    return tuple(found)
