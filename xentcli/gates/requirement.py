"""A requirement on a number: `log_loss <= 0.35`, `recall[cat] >= 0.95`, `brier[site=*] <= baseline + 0.01`.

REQ := NAME [ '[' SELECTOR ']' ] OP LIMIT, as in `xent help requirements`; `scanner` cuts the text. Of several
models the brackets begin with one: `log_loss[new] <= 0.35`, `recall[new, cat] >= 0.95`, `may_be_best[new]`.
"""

from __future__ import annotations

import math
import re

from msgspec import Struct

from xentcli.errors import RequestError
from xentcli.gates.scanner import EXAMPLE, Scanner
from xentcli.results.metrics import (
    BREAKDOWN,
    CALIBRATION,
    DIVERGENCE,
    METHODS,
    METRICS,
    PER_CLASS,
    RANKING,
    Metric,
)
from xentcli.results.selectors import quoted
from xentcli.units import Unit
from xentcli.wording import brief, did_you_mean

_NUMBER = r"[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+"
_AMOUNT = re.compile(rf"({_NUMBER})\s*+([A-Za-z]*+)", re.ASCII)
_BASELINE = re.compile(rf"baseline(?:\s*+([-+*])\s*+({_NUMBER}))?+", re.ASCII)
_PERCENTAGE = re.compile(rf"{_NUMBER}\s*+%", re.ASCII)
_DIFFERENCE = re.compile(r"([a-z0-9_]*?)[_.]?(?:diff|difference|delta|change)")  # of models, as people call it
_DECIMAL_COMMA = re.compile(r"[+-]?\d++,\d++", re.ASCII)


class FixedLimit(Struct, frozen=True):
    """A number, finite; in `unit`, or without one in the unit of the output."""

    number: float
    unit: Unit | None = None


class BaselineLimit(Struct, frozen=True):
    """The baseline's number, alone or with a margin (in the unit of the output) or factor."""

    sign: str | None = None  # "+", "-" or "*"
    number: float = 0.0  # finite

    @property
    def change(self) -> str:
        """What is made of the baseline's number, in few digits; "" if it is the limit itself."""
        return "" if self.sign is None else f"{self.sign} {self.number:.6g}"

    def of(self, baseline: float) -> float:
        """The limit, for a baseline in the unit of `number`."""
        if self.sign == "*":
            return baseline * self.number
        return baseline - self.number if self.sign == "-" else baseline + self.number


Limit = FixedLimit | BaselineLimit


WHOLE: dict[str, Metric] = CALIBRATION | BREAKDOWN | METRICS  # of all rows; `rows` is that of the metrics
SLICED: dict[str, Metric] = BREAKDOWN | METRICS
GAINS: dict[str, Metric] = {name: METHODS[name] for name in ("gain", "gain_low")}
RANKS: dict[str, Metric] = {name: RANKING[name] for name in ("may_be_best", "rank_low", "rank_high")}
_UNCOUNTED = ("skipped_rows", "ignored_rows", "filtered_rows", "zero_weight_rows")  # rows of no slice


class OneClass(Struct, frozen=True):
    """The rows, or predictions, of one class."""

    name: str


class OneSlice(Struct, frozen=True):
    """The rows that have these values in these columns; None is a missing value."""

    by: tuple[tuple[str, str | None], ...]


class EverySlice(Struct, frozen=True):
    """Each slice by one column."""

    column: str


Selector = OneClass | OneSlice | EverySlice


class Requirement(Struct, frozen=True):
    """A number, of all rows or of some, and its limit."""

    name: str  # of a metric, as `metric` describes it
    selector: Selector | None  # None: all rows
    op: str  # "<=", "<", ">=", ">" or "=="
    limit: Limit
    text: str  # as it was written
    model: str | None = None  # of several

    @property
    def metric(self) -> Metric:
        """What the number means, and its unit."""
        return {**GAINS, **RANKS, **DIVERGENCE, **_table(self.selector)}[self.name]

    @property
    def by_class(self) -> bool:
        """Whether it is about one class."""
        return isinstance(self.selector, OneClass)

    @property
    def by_baseline(self) -> bool:
        """Whether its limit is made from a baseline."""
        return isinstance(self.limit, BaselineLimit)

    @property
    def is_count(self) -> bool:
        """Whether it is about a count or a rank, which is compared as it is: it has no error."""
        return self.metric.unit == "count" or self.name in RANKS

    def unit_words(self, unit: Unit) -> str:
        """What stands behind its numbers in a sentence: `unit` if they are information."""
        return {"info": unit.value, "count": ""}.get(self.metric.unit, self.metric.unit)

    def error(self, code: str, message: str, hint: str | None = None) -> RequestError:
        """About a requirement that cannot be checked."""
        return RequestError(code, f'requirement "{self.text}": {message}', hint=hint)

    def refuse_infinite(self, *numbers: float | None) -> None:
        """Raise a `RequestError` if a number that makes the limit is beyond float64."""
        if not all(number is None or math.isfinite(number) for number in numbers):
            raise self.error("requirement", "the limit is more than a number can be")

    @property
    def sliced_by(self) -> tuple[str, ...]:
        """The columns whose slices it needs."""
        if isinstance(self.selector, EverySlice):
            return (self.selector.column,)
        return tuple(column for column, _ in self.selector.by) if isinstance(self.selector, OneSlice) else ()


def parse_requirement(text: str) -> Requirement:
    """The requirement that a text states."""
    scanner = Scanner(text)
    name = scanner.name()
    of = _selector(scanner) if scanner.accept("[") else None
    metric = _metric(scanner, name, of)
    op, limit = scanner.operator(), _limit(scanner)
    _refuse_unit(scanner, metric, limit)
    return Requirement(metric.name, of, op, limit, text)


def parse_gain(text: str) -> Requirement:
    """The requirement on what a recalibration saves that a text states."""
    scanner = Scanner(text)
    name = scanner.name()
    if name not in GAINS:
        raise scanner.error(f'"{name}" is no number of a recalibration', f"those are {', '.join(GAINS)}")
    if scanner.accept("["):
        raise scanner.error(f"{name} is of all rows", f"{name} >= 0.005")
    op, limit = scanner.operator(), _limit(scanner)
    if isinstance(limit, BaselineLimit):
        raise scanner.error("the gain has no baseline but the predictions as stated", f"{name} >= 0.005")
    return Requirement(name, None, op, limit, text)


def parse_divergence(text: str) -> Requirement:
    """The requirement on how far a model has moved that a text states."""
    scanner = Scanner(text)
    name = scanner.name()
    if name not in DIVERGENCE:
        meant = did_you_mean(name.casefold(), DIVERGENCE)
        raise scanner.error(f'"{name}" is no number of a divergence', f"{meant}such as kl, kl_p999, same_top")
    of = _selector(scanner) if scanner.accept("[") else None
    if isinstance(of, OneClass):
        raise scanner.error(f"{name} is not known by class", f"by slice: {name}[COLUMN=VALUE]")
    if of is not None and name in _UNCOUNTED:
        raise scanner.error(f"{name} is not known by slice", f"it is of all rows: {name}")
    op, limit = scanner.operator(), _limit(scanner)
    if isinstance(limit, BaselineLimit):
        raise scanner.error("BASE is what is measured from, so a limit is a number", f"{name} <= 0.01")
    _refuse_unit(scanner, DIVERGENCE[name], limit)
    return Requirement(name, of, op, limit, text)


def parse_ranking(text: str) -> Requirement:
    """The requirement on one of several models that a text states; `may_be_best[MODEL]` alone means `== 1`."""
    scanner = Scanner(text)
    name = scanner.name()
    if name not in {**RANKS, **WHOLE, **PER_CLASS}:
        raise _unknown(scanner, name, RANKS)
    if not scanner.accept("["):
        raise scanner.error(f"{name} is of one model", f"{name}[MODEL]")
    model = scanner.word("a model")
    if scanner.accept("="):
        raise scanner.error("the brackets begin with a model", f"{name}[MODEL,{quoted(model)}=...]")
    of = _selector(scanner) if scanner.accept(",") else None
    if of is None:
        scanner.expect_end()
    elif name in RANKS:
        raise scanner.error(f"{name} is of all rows", f"{name}[{quoted(model)}]")
    metric = RANKS[name] if name in RANKS else _metric(scanner, name, of, f"{quoted(model)},")
    if name == "may_be_best" and not scanner.rest():
        return Requirement(name, None, "==", FixedLimit(1.0), text, model)
    op, limit = scanner.operator(), _limit(scanner)
    _refuse_unit(scanner, metric, limit)
    if name in RANKS and isinstance(limit, BaselineLimit):
        raise scanner.error(f"{name} has no baseline: it tells of all models", f"{name}[{quoted(model)}] {op} 1")
    return Requirement(name, of, op, limit, text, model)


def _selector(scanner: Scanner) -> Selector:
    """What stands in the brackets, the first of which is behind."""
    first = scanner.word("a class or COLUMN=VALUE")
    if not scanner.accept("="):
        scanner.expect_end()
        return OneClass(first)
    if scanner.accept("*"):
        scanner.expect_end()
        return EverySlice(first)
    pairs = [(first, scanner.value())]
    while scanner.accept(","):
        column = scanner.word("COLUMN=VALUE")
        scanner.expect("=", 'COLUMN=VALUE (a name with a comma stands in quotes, as in ["a,b"])')
        pairs.append((column, scanner.value()))
    scanner.expect_end()
    names = [column for column, _ in pairs]
    if len(set(names)) < len(names):
        raise scanner.error("a column stands twice in the brackets: no row has two values of it")
    return OneSlice(tuple(pairs))


def _table(of: Selector | None) -> dict[str, Metric]:
    """The numbers that there are of such rows."""
    return WHOLE if of is None else PER_CLASS if isinstance(of, OneClass) else SLICED


def _metric(scanner: Scanner, name: str, of: Selector | None, model: str = "") -> Metric:
    """The number of this name; `model` is what stands before its rows in the brackets."""
    table = _table(of)
    if name in table and not (isinstance(of, OneSlice | EverySlice) and name in _UNCOUNTED):
        return table[name]
    if name in PER_CLASS and name not in WHOLE:
        raise scanner.error(f"{name} is of one class", f"{name}[{model}CLASS]")
    if name in WHOLE and isinstance(of, OneClass):
        raise scanner.error(f"{name} is not known by class", f"by class: {', '.join(PER_CLASS)}")
    if name in WHOLE:
        all_rows = f"{name}[{model.removesuffix(',')}]" if model else name
        raise scanner.error(f"{name} is not known by slice", f"it is of all rows: {all_rows}")
    if name in RANKS:
        raise scanner.error(f"{name} is one of several models", "xent rank A B C finds it")
    raise _unknown(scanner, name, table)


def _unknown(scanner: Scanner, name: str, table: dict[str, Metric]) -> RequestError:
    lowered = name.casefold().replace("-", "_")
    if (found := _DIFFERENCE.fullmatch(lowered)) and found[1] in {"", *WHOLE}:
        number = f"{found[1] or 'log_loss'}{'[MODEL]' if table is RANKS else ''}"
        limit = ">= baseline - 0.01" if ">" in scanner.rest() else "<= baseline + 0.01"
        return scanner.error(f'unknown metric "{name}"', f"{number} {limit} limits the difference of two models")
    plain = lowered.rpartition(".")[2]
    meant = did_you_mean(plain, {**table, **WHOLE, **PER_CLASS})
    return scanner.error(f'unknown metric "{name}"', f"{meant}xent explain lists them all")


def _refuse_unit(scanner: Scanner, metric: Metric, limit: Limit) -> None:
    """Only amounts of information have a unit."""
    unit = limit.unit if isinstance(limit, FixedLimit) else None
    if unit is None or metric.unit in ("info", unit.value):
        return
    kind = {"count": "a count", "": "a plain number"}.get(metric.unit, f"in {metric.unit}")
    raise scanner.error(f"{metric.name} is {kind}, not in {unit.value}", "leave the unit out")


def _limit(scanner: Scanner) -> Limit:
    """The limit that stands after the operator."""
    text = scanner.rest()
    if not text:
        raise scanner.error("has no limit", EXAMPLE)
    if found := _BASELINE.fullmatch(text):
        sign, number = found.groups()
        return BaselineLimit(sign, _finite(scanner, number)) if sign else BaselineLimit()
    if text.startswith("base"):
        hint = "baseline, baseline + 0.01, baseline - 0.01 or baseline * 1.02"
        raise scanner.error(f'"{brief(text)}" is not a limit', hint)
    if found := _AMOUNT.fullmatch(text):
        number, unit = found.groups()
        return FixedLimit(_finite(scanner, number), _unit(scanner, unit) if unit else None)
    hint = "a limit is a finite number such as 0.35, with nats, bits or bans after it, or baseline + 0.01"
    if _PERCENTAGE.fullmatch(text):
        hint = f"shares are numbers from 0 to 1: {float(text.rstrip('% ')) / 100:g}"
    elif _DECIMAL_COMMA.fullmatch(text):
        hint = f"the decimal mark is a point: {brief(text.replace(',', '.'))}"
    raise scanner.error(f'"{brief(text)}" is not a number', hint)


def _finite(scanner: Scanner, number: str) -> float:
    found = float(number)
    if not math.isfinite(found):
        raise scanner.error(f"{brief(number)} is more than a number can be")
    return found


def _unit(scanner: Scanner, name: str) -> Unit:
    try:
        return Unit(name)
    except RequestError as error:
        raise scanner.error(error.message, error.hint) from None
