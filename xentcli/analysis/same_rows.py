"""Several inputs that hold the same rows: perhaps two models, which are compared rather than pooled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xentcli.analysis.typed_again import models_commands
from xentcli.columns.columns import Columns
from xentcli.columns.labels import different_texts
from xentcli.columns.peek import read_blocks
from xentcli.engine.inputs import Inputs
from xentcli.engine.same_rows import RowSums, SameRows
from xentcli.errors import Notice
from xentcli.joining.id_columns import is_like_id
from xentcli.sources.source import Projection, Source
from xentcli.wording import few, plural, times

if TYPE_CHECKING:
    import pyarrow as pa

_LOOKED_AT = 4  # columns called like ids
_NAMES_OF_MODELS = frozenset(
    ("model", "models", "model_name", "model_id", "modelid", "method", "learner", "learner_id", "estimator",
     "classifier", "algorithm", "system", "variant", "run", "run_id", ".config", "wflow_id")
)  # fmt: skip
_ENOUGH = 20  # rows whose labels are hardly the same by chance


def same_rows(found: SameRows, inputs: Inputs, first: int) -> Iterator[Notice]:
    """A word of each set of inputs, numbered from `first`, that hold the same ids, or the same labels in order."""
    watched = inputs.first.keys.watched
    said: set[frozenset[str]] = set()
    for what in ("ids", "labels"):
        groups: dict[tuple[int, int], list[int]] = {}
        for number, sums in sorted(found.sums.items()):
            if (watched is not None) if what == "ids" else _tells(sums):
                groups.setdefault((sums.rows, getattr(sums, what)), []).append(number - first)
        for numbers in groups.values():
            names = list(dict.fromkeys(inputs.sources[number].name for number in numbers))
            if len(names) > 1 and frozenset(names) not in said:
                said.add(frozenset(names))
                rows = found.sums[numbers[0] + first].rows
                yield _notice(names, rows, watched if what == "ids" else None, inputs.options)


def _tells(sums: RowSums) -> bool:
    return sums.rows >= _ENOUGH and sums.classes.bit_count() > 1


def _notice(names: list[str], rows: int, id: str | None, options: Sequence[str]) -> Notice:
    """Of files that hold the same values of `id`, or without it the same labels in order."""
    what, many = "the same labels" if id is None else f'the same values of "{id}"', len(names)
    message = (
        f"{few(names, 4)} hold {what} in their {plural(rows, 'row')}, which count {times(many)}: "
        f"{'two' if many == 2 else many} models? {models_commands(names, options, id)}"
    )
    return Notice("same_rows", many, message, doubt=True)


def watch_ids(inputs: Inputs) -> Inputs:
    """The inputs with the column to watch, if there is one: of several, one that may hold the same ids in all."""
    names = _columns_in_all(inputs)
    if not names or inputs.first.multilabel is not None or inputs.first.tokens:
        return inputs
    found = _most_distinct(inputs.sources[0], names) if len(inputs.sources) == 1 else _shared(inputs, names)
    if found is None:
        return inputs
    known: dict[int, Columns] = {}
    for columns in inputs.columns:
        known.setdefault(id(columns), replace(columns, keys=replace(columns.keys, watched=found)))
    return replace(inputs, columns=[known[id(columns)] for columns in inputs.columns])


def _shared(inputs: Inputs, names: Sequence[str]) -> str | None:
    from xentcli.joining.row_order import shared_id  # needs Arrow

    return shared_id(inputs.sources[:2], names)


def _most_distinct(source: Source, names: Sequence[str]) -> str | None:
    """The one of these columns that may hold ids and has the most different values in the first rows.

    None unless a column is called like one that tells models apart: to read ids takes as long as to score.
    """
    if _NAMES_OF_MODELS.isdisjoint(field.name.casefold() for field in source.fields):
        return None
    types = {field.name: field.type for field in source.fields}
    likely = [name for name in sorted(names, key=len) if types[name] is None or _may_be_ids(types[name])]
    if len(likely) < 2:
        return likely[0] if likely else None
    block = next(read_blocks(source, Projection((*likely[:_LOOKED_AT],), ())), None)
    if block is None:
        return None
    return max(likely[:_LOOKED_AT], key=lambda name: len(different_texts(block.columns[name])))


def _may_be_ids(kind: pa.DataType) -> bool:
    from xentcli.joining.row_order import may_be_id  # needs Arrow

    return may_be_id(kind)


def _columns_in_all(inputs: Inputs) -> list[str]:
    """Columns that all inputs have, called like ids, and that nothing else is known of."""
    first, *others = ({field.name for field in source.fields} for source in inputs.sources)
    return _unused(inputs, first.intersection(*others))


def _unused(inputs: Inputs, names: Iterable[str]) -> list[str]:
    used = inputs.first.projection
    keys = inputs.first.keys
    taken = {*used.numbers, *used.lists, inputs.first.label, keys.cluster, keys.doc}
    return [name for name in names if name not in taken and is_like_id(name)]
