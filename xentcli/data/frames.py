"""Tables that are already in memory: DataFrames and arrays of the Python API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from xentcli.data.arrow_batches import block_of, damaged
from xentcli.data.columns import ColumnSpec
from xentcli.data.source import Block, Field, Wanted, refuse_duplicates
from xentcli.errors import Notice, Where

PART_ROWS = 1 << 16


@dataclass(frozen=True, eq=False)
class TableSource:
    """An Arrow table under a name; its rows are counted from 0."""

    name: str
    format: str
    table: pa.Table
    bytes: int | None = None

    @property
    def fields(self) -> Sequence[Field]:
        """The columns, in order."""
        return tuple(Field(field.name, field.type) for field in self.table.schema)

    def unfinished(self) -> Sequence[tuple[str, str]]:
        """A table in memory cannot be cut."""
        return ()

    def notices(self) -> Sequence[Notice]:
        """Nothing is odd about a table."""
        return ()

    def parts(self, wanted: Wanted) -> Iterator[TablePart]:
        """Slices of 65,536 rows."""
        table = self.table.select(list(wanted.names))
        for first in range(0, self.table.num_rows, PART_ROWS):
            yield TablePart(self.name, table.slice(first, PART_ROWS), first)


@dataclass(frozen=True, eq=False)
class TablePart:
    """Some rows of a table."""

    name: str
    table: pa.Table
    first: int

    def blocks(self) -> Iterator[Block]:
        """The one block of these rows; what a table of another library holds is as good as its writer."""
        with damaged(self.name):
            names = self.table.column_names
            columns = [column.combine_chunks() for column in self.table.columns]
            block = block_of(pa.RecordBatch.from_arrays(columns, names), names, self.name, self.first)
        yield block


def of_table(data: Any) -> TableSource:
    """A source from a pandas DataFrame, an Arrow table, or anything that exports one (polars)."""
    table, kind = (data, "arrow") if isinstance(data, pa.Table) else (_as_table(data), "dataframe")
    name = "table" if kind == "arrow" else kind
    refuse_duplicates(table.column_names, Where(name))
    return TableSource(name, kind, table)


def _as_table(data: Any) -> pa.Table:
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        names = [str(name) for name in data.columns]
        return pa.Table.from_arrays([_array(data.iloc[:, i]) for i in range(len(names))], names)
    if hasattr(data, "__arrow_c_stream__"):
        return pa.table(data)
    raise TypeError(f"cannot score a {type(data).__name__}: give paths, a table, or labels with probs or logits")


def of_arrays(
    labels: Any, given: Mapping[str, Any], weights: Any, spec: ColumnSpec
) -> tuple[TableSource, ColumnSpec]:
    """A source from labels `(n,)` or targets `(n, K)` and scores `(n,)` or `(n, K)`, and its columns."""
    if len(given) != 1:
        raise TypeError("give one of probs, logits and log_probs")
    [(kind, values)] = given.items()
    soft = np.ndim(labels) == 2
    columns = {"target" if soft else "label": _lists(labels) if soft else _array(labels), kind: _lists(values)}
    if weights is not None:
        columns["weight"] = pa.array(np.asarray(weights, dtype=np.float64))
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"arrays of different lengths: {lengths}")
    spec = replace(
        spec,
        label=None if soft else "label",
        target=("target",) if soft else (),
        weight="weight" if weights is not None else None,
        prob=(kind,) if kind == "prob" else (),
        logit=(kind,) if kind == "logit" else (),
        logprob=(kind,) if kind == "logprob" else (),
    )
    return TableSource("arrays", "arrays", pa.table(columns)), spec


def _lists(values: Any) -> pa.Array:
    """A column of numbers from `(n,)` or `(n, 1)`, of lists from `(n, K)`."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 2 and array.shape[1] > 1:
        return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(array).ravel()), array.shape[1])
    if array.ndim not in (1, 2):
        raise ValueError(f"scores have shape {array.shape}, not (n,) or (n, K)")
    return pa.array(array.ravel())


def _array(values: Any) -> pa.Array:
    """An Arrow array; what Arrow cannot type (mixed objects) becomes text."""
    try:
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        import pandas as pd

        array = pa.array([None if missing else str(v) for v, missing in zip(values, pd.isna(values), strict=True)])
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
