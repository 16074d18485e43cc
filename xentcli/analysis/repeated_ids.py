"""An input that holds every id several times: perhaps models that were stacked, and would count as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from xentcli.columns.columns import Columns
from xentcli.columns.peek import read_blocks
from xentcli.engine.id_counts import IdCounts
from xentcli.engine.inputs import Inputs
from xentcli.engine.same_rows import SameRows
from xentcli.errors import Notice, RequestError
from xentcli.joining.id_index import hashes, id_texts
from xentcli.joining.row_order import may_be_id
from xentcli.sources.source import Projection, Source
from xentcli.wording import plural, times, typed

_LOOKED_AT = 16  # columns that may tell the models apart
_NEARLY = 0.95

Seen = dict[str, dict[int, dict[str, None]]]  # by column and the hash of an id: its values, in order


def repeated_ids(found: SameRows, inputs: Inputs, first: int) -> Iterator[Notice]:
    """A word of each input, numbered from `first`, that holds nearly every id the same number of times."""
    id = inputs.first.keys.watched
    for number, sums in sorted(found.sums.items()):
        repeats = sums.counts.times
        if id is None or repeats < 2:
            continue
        source = inputs.sources[number - first]
        message = (
            f'{source.name} holds nearly every value of "{id}" {times(repeats)} in its '
            f"{plural(sums.rows, 'row')}, which all count: {repeats} models?"
        )
        one = _one_of(source, inputs.columns[number - first], id, sums.counts)
        if one is not None:
            message += f" {typed('--where', one)} scores one of them"
        yield Notice("same_rows", repeats, message, doubt=True)


def _one_of(source: Source, columns: Columns, id: str, counts: IdCounts) -> str | None:
    """What `--where` takes to keep one row of each id, if a column tells; reads the input once more."""
    if source.label_file is not None:
        return None
    names = _columns_that_may_tell(source, columns)
    try:
        seen = _values(source, id, names, counts) if names else {}
    except RequestError:  # it can be read only once
        return None
    for name, by_id in seen.items():
        values = dict.fromkeys(text for texts in by_id.values() for text in texts)
        whole = sum(len(texts) == counts.times for texts in by_id.values())
        if len(values) == counts.times and whole >= _NEARLY * len(by_id):
            return f"{name}={next(iter(values))}"
    return None


def _columns_that_may_tell(source: Source, columns: Columns) -> Sequence[str]:
    taken = {*columns.projection.names, columns.label}
    free = [each for each in source.fields if each.name not in taken]
    return [each.name for each in free if may_be_id(each.type)][:_LOOKED_AT]


def _values(source: Source, id: str, names: Sequence[str], counts: IdCounts) -> Seen:
    """The values of these columns beside each id that is kept."""
    seen: Seen = {name: {} for name in names}
    kept = np.array([*counts.counts], np.uint64)
    for block in read_blocks(source, Projection((id, *names), ())):
        hashed = hashes(id_texts(block.columns[id]))
        rows = np.flatnonzero(np.isin(hashed, kept))
        at = pa.array(rows)
        for name, by_id in seen.items():
            texts = id_texts(block.columns[name]).take(at).to_pylist()
            for each, text in zip(hashed[rows].tolist(), texts, strict=True):
                by_id.setdefault(each, {})[text] = None
    return seen
