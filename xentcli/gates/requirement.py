"""A requirement on a number: `log_loss <= 0.35`, `recall[cat] >= 0.95`, `brier[site=*] <= baseline + 0.01`.

REQ := NAME [ '[' SELECTOR ']' ] OP LIMIT, as `xent explain` and the README have it; `parser` cuts the text.
"""

from __future__ import annotations

import math
import re

from msgspec import Struct

from xentcli.errors import RequestError
from xentcli.gates.scanner import EXAMPLE, Scanner, wrong
from xentcli.results.metrics import BREAKDOWN, CALIBRATION, METRICS, PER_CLASS, Metric
from xentcli.results.selectors import quoted, selector
from xentcli.units import Unit
from xentcli.wording import brief, did_you_mean

_NUMBER = r"[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+"
_AMOUNT = re.compile(rf"({_NUMBER})\s*+([A-Za-z]*+)", re.ASCII)
_BASELINE = re.compile(rf"baseline(?:\s*+([-+*])\s*+({_NUMBER}))?+", re.ASCII)
_PERCENTAGE = re.compile(rf"{_NUMBER}\s*+%", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d++,\d++", re.ASCII)


class Amount(Struct, frozen=True):
    """A number, finite; in `unit`, or without one in the unit of the output."""

    number: float
    unit: Unit | None = None

    def __str__(self) -> str:
        return f"{self.number!r}{f' {self.unit}' if self.unit else ''}"


class OfBaseline(Struct, frozen=True):
    """The baseline's number, alone or with a margin (in the unit of the output) or factor."""

    sign: str | None = None  # "+", "-" or "*"
    number: float = 0.0  # finite

    def __str__(self) -> str:
        return "baseline" if self.sign is None else f"baseline {self.sign} {self.number!r}"

    def of(self, baseline: float) -> float:
        """The limit, for a baseline in the unit of `number`."""
        if self.sign == "*":
            return baseline * self.number
        return baseline - self.number if self.sign == "-" else baseline + self.number


Limit = Amount | OfBaseline


def parse_limit(text: str, rest: str) -> Limit:
    """The limit that `rest`, what the requirement `text` has after its operator, states."""
    if not rest:
        raise wrong(text, "has no limit", EXAMPLE)
    if found := _BASELINE.fullmatch(rest):
        sign, number = found.groups()
        return OfBaseline(sign, _finite(text, number)) if sign else OfBaseline()
    if rest.startswith("baseline"):
        raise wrong(
            text, f'"{brief(rest)}" is no limit', "baseline, baseline + 0.01, baseline - 0.01 or baseline * 1.02"
        )
    if found := _AMOUNT.fullmatch(rest):
        number, unit = found.groups()
        return Amount(_finite(text, number), _unit(text, unit) if unit else None)
    raise _no_number(text, rest)


def _finite(text: str, number: str) -> float:
    found = float(number)
    if not math.isfinite(found):
        raise wrong(text, f"{brief(number)} is more than a number can be")
    return found


def _unit(text: str, name: str) -> Unit:
    try:
        return Unit(name)
    except RequestError as error:
        raise wrong(text, error.message, error.hint) from None


def _no_number(text: str, rest: str) -> RequestError:
    hint = "a limit is a finite number such as 0.35, with nats, bits or bans after it, or baseline + 0.01"
    if _PERCENTAGE.fullmatch(rest):
        hint = f"shares are numbers from 0 to 1: {float(rest.rstrip('% ')) / 100:g}"
    elif _DECIMAL_COMMA.fullmatch(rest):
        hint = f"the decimal mark is a point: {brief(rest.replace(',', '.'))}"
    return wrong(text, f'"{brief(rest)}" is not a number', hint)


WHOLE: dict[str, Metric] = CALIBRATION | BREAKDOWN | METRICS  # of all rows; `rows` is that of the metrics
SLICED: dict[str, Metric] = BREAKDOWN | METRICS
_UNCOUNTED = ("skipped_rows", "ignored_rows", "zero_weight_rows")  # rows of no slice


class OfClass(Struct, frozen=True):
    """The rows, or forecasts, of one class."""

    name: str

    def __str__(self) -> str:
        return quoted(self.name)


class OfSlice(Struct, frozen=True):
    """The rows that have these values in these columns; None is a missing value."""

    by: tuple[tuple[str, str | None], ...]

    def __str__(self) -> str:
        return selector(self.by)


class OfEach(Struct, frozen=True):
    """Each slice by one column."""

    column: str

    def __str__(self) -> str:
        return f"{quoted(self.column)}=*"


Selector = OfClass | OfSlice | OfEach


class Requirement(Struct, frozen=True):
    """A number, of all rows or of some, and its limit."""

    name: str  # of a metric, as `metric` describes it
    selector: Selector | None  # None: all rows
    op: str  # "<=", "<", ">=", ">" or "=="
    limit: Limit
    text: str  # as it was written

    def __str__(self) -> str:
        of = "" if self.selector is None else f"[{self.selector}]"
        return f"{self.name}{of} {self.op} {self.limit}"

    @property
    def metric(self) -> Metric:
        """What the number means, and its unit."""
        return _table(self.selector)[self.name]

    @property
    def sliced_by(self) -> tuple[str, ...]:
        """The columns whose slices it needs."""
        if isinstance(self.selector, OfEach):
            return (self.selector.column,)
        return tuple(column for column, _ in self.selector.by) if isinstance(self.selector, OfSlice) else ()


def parse(text: str) -> Requirement:
    """The requirement that a text states."""
    scanner = Scanner(text)
    name = scanner.name()
    of = _selector(scanner) if scanner.takes("[") else None
    metric = _metric(text, name, of)
    op = scanner.operator()
    limit = parse_limit(text, scanner.rest())
    _refuse_unit(text, metric, limit)
    return Requirement(metric.name, of, op, limit, text)


def _selector(scanner: Scanner) -> Selector:
    """What stands in the brackets, the first of which is behind."""
    first = scanner.word("a class or COLUMN=VALUE")
    if not scanner.takes("="):
        scanner.closes()
        return OfClass(first)
    if scanner.takes("*"):
        scanner.closes()
        return OfEach(first)
    pairs = [(first, scanner.value())]
    while scanner.takes(","):
        column = scanner.word("COLUMN=VALUE")
        scanner.expect("=", 'COLUMN=VALUE (a name with a comma stands in quotes, as in ["a,b"])')
        pairs.append((column, scanner.value()))
    scanner.closes()
    names = [column for column, _ in pairs]
    if len(set(names)) < len(names):
        raise wrong(scanner.text, "a column stands twice in the brackets: no row has two values of it")
    return OfSlice(tuple(pairs))


def _table(of: Selector | None) -> dict[str, Metric]:
    """The numbers that there are of such rows."""
    return WHOLE if of is None else PER_CLASS if isinstance(of, OfClass) else SLICED


def _metric(text: str, name: str, of: Selector | None) -> Metric:
    table = _table(of)
    if name in table and not (isinstance(of, OfSlice | OfEach) and name in _UNCOUNTED):
        return table[name]
    if name in PER_CLASS and name not in WHOLE:
        raise wrong(text, f"{name} is of one class", f"{name}[CLASS]")
    if name in WHOLE and isinstance(of, OfClass):
        raise wrong(text, f"{name} is not known by class", f"by class: {', '.join(PER_CLASS)}")
    if name in WHOLE:
        raise wrong(text, f"{name} is not known by slice", f"it is of all rows: {name}")
    raise _unknown(text, name, list({**table, **WHOLE, **PER_CLASS}))


def _unknown(text: str, name: str, known: list[str]) -> RequestError:
    plain = name.casefold().replace("-", "_").rpartition(".")[2]
    return wrong(text, f'"{name}" is no metric', f"{did_you_mean(plain, known)}xent explain lists them all")


def _refuse_unit(text: str, metric: Metric, limit: Limit) -> None:
    """Only amounts of information have a unit."""
    unit = limit.unit if isinstance(limit, Amount) else None
    if unit is None or metric.unit in ("info", unit.value):
        return
    kind = {"count": "a count", "": "a plain number"}.get(metric.unit, f"in {metric.unit}")
    raise wrong(text, f"{metric.name} is {kind}, not in {unit.value}", "leave the unit out")
