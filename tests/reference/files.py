"""What must become of a file: a result, a refusal, either of them, or what the oracle cannot say."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from tests.reference import delimited, json_lines
from tests.reference.cells import Broken, Cells
from tests.reference.checks import row_of
from tests.reference.faults import EITHER, REQUEST, Fault, Unsure
from tests.reference.labels import by_class, class_of, folded, is_ignored
from tests.reference.layout import Layout, Options, Question, Record, Table
from tests.reference.means import mean
from tests.reference.names import without_mutated_names
from tests.reference.numbers import mp, real
from tests.reference.results import Kept, Result, result_of

EFFECT, EFFECT_EDGE = mp.mpf("1e-4"), mp.mpf("1e-9")
HALF = re.compile("[\ud800-\udfff]")
HUGE, TINY, SPREAD = mp.mpf("1e100"), mp.mpf("1e-100"), 10**12
HUGE_LOSS = mp.mpf("1e150")


@dataclass(frozen=True)
class Expectation:
    """`score`: this result. `refuse`: one of these faults. `either`. `unsure`: any complete answer."""

    verdict: Literal["score", "refuse", "either", "unsure"]
    result: Result | None = None
    faults: tuple[Fault, ...] = ()
    why: str = ""


def expect(question: Question) -> Expectation:
    """Decide what must become of a file."""
    try:
        return decided(question)
    except Unsure as unsure:
        return Expectation("unsure", why=str(unsure))


def decided(question: Question) -> Expectation:
    """The same; Unsure where the contract is silent."""
    options = question.options
    table = table_of(question)
    if table.faults and not table.records:
        return refusal(table.faults, question, table)
    layout = in_file_order(question.layout, table)
    missing = [name for name in layout.needed if name not in table.header]
    if missing and not layout.explicit.isdisjoint(missing) and layout.form == "csv" and not table.faults:
        return refusal([Fault("no_such_column", exits=REQUEST)], question, table)
    if missing:
        raise Unsure("a column is missing")
    without_mutated_names(layout, table, question.mutated)
    reading = Reading(layout, options)
    for line, record in table.records:
        reading.add(line, record)
    faults = [*table.faults, *reading.faults]
    if faults:
        if layout.single and not layout.classes_given and all(fault.code == "label" for fault in faults):
            raise Unsure("labels beside a single score")
        if reading.rows and not sums_stay_in_float64(reading.rows):
            raise Unsure("weights")
        return refusal(faults, question, table)
    if not any(kept.row.weight > 0 for kept in reading.rows):
        return refusal([Fault("no_rows", exits=EITHER)], question, table)
    refused = reading.refused()
    if refused is not None:
        return refusal([refused], question, table)
    result = result_of(reading.rows, layout, options, reading.skipped, reading.ignored)
    loose = table.loose or not sums_stay_in_float64(reading.rows) or layout.style == "named"
    return Expectation("either" if loose else "score", result)


def table_of(question: Question) -> Table:
    """The records of the input, by whatever form it has."""
    layout = question.layout
    if layout.form == "rows":
        return Table(layout.header, list(enumerate(question.rows)))
    if layout.form == "jsonl":
        return json_lines.read(question.data)
    return delimited.read(question.data, layout.delimiter, layout.decimal)


def in_file_order(layout: Layout, table: Table) -> Layout:
    """Classes that columns name come in the order of their columns, unless --classes gives another."""
    named = layout.style in ("family", "named") and not (layout.single or layout.classes_given)
    if not named or not set(layout.scores) <= set(table.header):
        return layout
    order = sorted(range(len(layout.scores)), key=lambda k: list(table.header).index(layout.scores[k]))
    classes, scores = layout.classes, layout.scores
    return replace(layout, classes=tuple(classes[k] for k in order), scores=tuple(scores[k] for k in order))


def refusal(faults: Sequence[Fault], question: Question, table: Table) -> Expectation:
    """These faults, of which any may be told; where columns or options are odd too, that may be told instead."""
    options, layout = question.options, question.layout
    odd = set(table.header) != set(layout.header) or (layout.form == "jsonl" and question.mutated)
    if odd or (options.class_weights and options.smoothing):
        faults = [replace(fault, exits=EITHER, line=None) for fault in faults]
    return Expectation("refuse", faults=tuple(faults))


class Reading:
    """The rows of a table, read one by one."""

    def __init__(self, layout: Layout, options: Options) -> None:
        self.layout, self.options = layout, options
        self.rows: list[Kept] = []
        self.faults: list[Fault] = []
        self.skipped = self.ignored = 0
        self._labels: set[str] = set()
        self._factors = by_class(dict(options.class_weights), layout.classes)

    def add(self, line: int, record: Record) -> None:
        """Read a row: it is kept, skipped, ignored, or at fault."""
        others = (value for name, value in record.items() if name != self.layout.label)
        if any(isinstance(value, str) and HALF.search(value) for value in others):
            raise Unsure("half a character in a column that need not be read")
        try:
            self._add(Cells(self.layout, line, record))
        except Broken as broken:
            self.faults.append(broken.fault)

    def refused(self) -> Fault | None:
        """What the rows together are refused for."""
        layout, options = self.layout, self.options
        if options.class_weights and options.smoothing:
            return Fault("class_weight", exits=REQUEST)
        if layout.style == "family" and layout.kind == "logit" and not layout.single and not layout.classes_given:
            present = {kept.row.label for kept in self.rows}
            if present != {kept.row.label for kept in self.rows if kept.row.weight > 0}:
                raise Unsure("a class whose rows weigh nothing")
            if len(present) < len(layout.classes):
                if not sums_stay_in_float64(self.rows):
                    raise Unsure("weights")
                if self.skipped or self.ignored:
                    raise Unsure("a logit class whose rows were left out")
                return Fault("class_without_rows", exits=REQUEST)
        if layout.single and not layout.classes_given:
            if folded(layout.classes[0]) == folded(layout.classes[1]):
                raise Unsure("twins, of which only one is known to be a class")
            known = [self._class(label) for label in self._labels]
            if None in known or len(known) < 2:
                raise Unsure("the classes of a single score")
        if layout.single and len(self._labels) > 2:
            raise Unsure("labels beside a single score")
        return self._effect()

    def _add(self, cells: Cells) -> None:
        label = cells.label()
        if label is not None and is_ignored(label, self.options.ignore, self.layout.classes):
            self._ignore(cells)
            return
        scores = cells.scores()
        weight = self._weight(cells, lacking=label is None or any(x is None or x != x for x in scores))
        present = [x for x in scores if x is not None and x == x]
        known = None if label is None else self._known_class(cells, label)
        if label is None or len(present) < len(scores):
            if not self.options.skip:
                raise Broken(Fault("missing", cells.line))
            self.skipped += 1
            return
        if known is None:
            return
        cluster = None if self.layout.cluster is None else cells.text(self.layout.cluster)
        if self.layout.cluster is not None and cluster is None:
            raise Broken(Fault("cluster_missing", cells.line, self.layout.cluster))
        factor = Fraction(self._factors[known])
        row = row_of(present, known, Fraction(weight) * factor, cluster, (self.layout, self.options, cells.line))
        self.rows.append(Kept(row, None if self.layout.by is None else cells.text(self.layout.by)))

    def _ignore(self, cells: Cells) -> None:
        self.ignored += 1
        weight = 1.0 if self.layout.weight is None else cells.number(self.layout.weight)
        if weight is None or not 0 <= weight < math.inf:
            raise Unsure("the weight of a row that is ignored")
        if self.layout.listed:
            try:
                cells.scores()
            except Broken as broken:
                raise Unsure("the scores of a row that is ignored") from broken
        else:
            cells.scores()

    def _weight(self, cells: Cells, lacking: bool) -> float:
        name = self.layout.weight
        if name is None:
            return 1.0
        weight = cells.number(name)
        if weight is None:
            raise Broken(Fault("weight_missing", cells.line, name))
        if not 0 <= weight < math.inf:
            if lacking:
                raise Unsure("the weight of a row that lacks something")
            raise Broken(Fault("weight", cells.line, None))
        return weight

    def _class(self, label: str) -> int | None:
        return class_of(label, self.layout.classes, self.layout.classes_given)

    def _known_class(self, cells: Cells, label: str) -> int | None:
        """The class of a label; None, and a fault beside those that the row may have, if there is none."""
        self._labels.add(label)
        found = self._class(label)
        if found is None:
            self.faults.append(Fault("label", cells.line, self.layout.label, EITHER))
        return found

    def _effect(self) -> Fault | None:
        if self.layout.kind == "logit" or self.options.normalize:
            return None
        rows = [kept.row for kept in self.rows]
        effect = mean(rows, [row.log_sum for row in rows])
        if abs(effect - EFFECT) < EFFECT_EDGE:
            raise Unsure("an effect of the row sums at its limit")
        if effect <= EFFECT:
            return None
        if self.options.sum_tolerance is not None:
            raise Unsure("an effect of the row sums, with a tolerance given")
        return Fault("row_sum_effect")


def sums_stay_in_float64(rows: Sequence[Kept]) -> bool:
    """Whether no square and no product of weights and losses comes near the ends of float64."""
    weights = [kept.row.weight for kept in rows if kept.row.weight > 0]
    if not weights:
        return False
    heaviest, lightest = real(max(weights)), real(min(weights))
    losses = [-x for kept in rows for x in kept.row.log_q if x > -mp.inf]
    largest = heaviest * max([mp.one, *losses])
    if heaviest > HUGE or lightest < TINY or heaviest > SPREAD * lightest:
        return False
    return bool(heaviest == lightest == 1 or largest <= HUGE_LOSS or largest * heaviest <= HUGE_LOSS**2)
