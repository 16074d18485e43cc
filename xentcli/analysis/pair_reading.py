"""From two inputs to merged totals: columns of both settled, rows joined, scored and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from xentcli.analysis.reading import Reading
from xentcli.analysis.refusals import refuse_empty, refuse_policy, refuse_unknown_weights, told_of_labels
from xentcli.analysis.row_errors import first_error
from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import Columns, ColumnSpec
from xentcli.core.batch import Policy
from xentcli.engine.comparing import PartPair, Sides, compare_chunk
from xentcli.engine.engine import Meter, Progress
from xentcli.engine.local import as_done, available_threads
from xentcli.engine.scoring import PartScore, Plan
from xentcli.errors import Notice
from xentcli.joining.disagreements import Agreement, refuse_disagreement
from xentcli.joining.joined_source import finish, label_file
from xentcli.joining.pairing import Pairing, class_map
from xentcli.sources.source import Chunk, Source
from xentcli.states.scored import class_names


class PairReading(Struct, frozen=True):
    """Everything that was read of both inputs; there is at least one row."""

    new: Reading
    base: Reading
    merged: PartPair
    on: str | None

    def notices(self) -> Iterator[Notice]:
        """How the rows met, if not by an id."""
        base, new = self.base.sources[0].name, self.new.sources[0].name
        if self.on is not None or base == new:
            return
        rows = self.merged.new.tally.rows
        same = "the row counts agree" if self.new.first.tokens else "their labels agree"
        yield Notice("in_order", rows, f"{rows:,} rows met in order, and {same}; --on COL matches them by an id")


def read_pair(
    base: Source,
    new: Sequence[Source],
    specs: tuple[ColumnSpec, ColumnSpec],
    policy: Policy,
    on: str | None,
    plan: Plan,
    threads: int | None,
    progress: Progress | None = None,
) -> PairReading:
    """Read and score both inputs; `specs` are BASE's and NEW's.

    Raises `ContentError` where ids, labels or weights do not agree, and whatever scoring either raises.
    """
    own, other = resolve_all(new, specs[1]), resolve_all([base], specs[0])
    for columns in (own[0], other[0]):
        refuse_policy(columns, policy)
    classes = class_map(own[0], other[0], base.name, new[0].name)
    pairing = Pairing.of(new, base, other[0], on)
    agreement = Agreement(other[0], classes)
    sides = Sides(own, other[0], pairing.base_block, agreement, policy, plan, on or own[0].keys.id)
    merged, rows = _merged(pairing, own, sides, threads or available_threads(), progress)
    for sources in ([base], new):  # each joined with its labels, if they are in a file of their own
        finish(sources)
    pairing.finish()
    found = [
        _reading(new, own, policy, merged.new, rows),
        _reading([base], other, policy, merged.base, [sum(rows)]),
    ]
    refuse_disagreement(merged.disagreements, on)
    for each in found:
        refuse_empty(each.merged, each.sources)
        refuse_unknown_weights(each.classes, policy)
    return PairReading(found[0], found[1], merged, on)


def _merged(
    pairing: Pairing, columns: Sequence[Columns], sides: Sides, threads: int, progress: Progress | None
) -> tuple[PartPair, list[int]]:
    """What all parts add, and how many rows were read of each of NEW's inputs."""
    merged = PartPair.empty(columns[0].class_count, sides.base.class_count)
    rows = [0] * len(columns)
    meter = Meter(pairing.sources)

    def jobs() -> Iterable[tuple[int, Chunk]]:
        for number, (source, used) in enumerate(zip(pairing.sources, columns, strict=True)):
            yield from ((number, chunk) for chunk in source.chunks(pairing.wanted(used, sides.id)))

    def work(job: tuple[int, Chunk]) -> tuple[int, Chunk, PartPair]:
        number, chunk = job
        return number, chunk, compare_chunk(number, chunk, sides, merged)

    for number, chunk, pair in as_done(work, jobs(), threads):
        merged = merged.merge(pair)
        rows[number] += pair.new.tally.rows
        if progress is not None:
            meter.add(number, chunk, pair.new.tally.rows)
            progress(meter.rows, meter.share)
    return merged, rows


def _reading(
    sources: Sequence[Source],
    columns: Sequence[Columns],
    policy: Policy,
    merged: PartScore,
    rows: Sequence[int],
) -> Reading:
    """One side, unless something in its rows forbids to score it."""
    first = columns[0]
    error = first_error(merged.tally, first, first.classes or (), policy)
    if error is not None:
        raise told_of_labels(error, first, label_file(sources[0]))
    return Reading(sources, columns, policy, merged, rows, class_names(merged, first, sources[0].name))
