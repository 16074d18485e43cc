"""Tables that are already in memory: DataFrames and arrays of the Python API."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from xentcli.analysis.request import name_text
from xentcli.api.arrays import ARRAYS, by_class, flat_column, number_column, renamed
from xentcli.columns.columns import ColumnSpec
from xentcli.errors import ContentError, RequestError, Where
from xentcli.sources.batches import arrow_errors, block_of, fields_of
from xentcli.sources.source import Block, Chunk, Projection, Source
from xentcli.wording import brief_repr, is_unicode

CHUNK_ROWS = 1 << 16


class TableSource(Source):
    """An Arrow table under a name; its rows are counted from 0."""

    size = None

    def __init__(self, name: str, kind: str, table: pa.Table) -> None:
        self.name, self.format, self.table = name, kind, table
        self.fields = fields_of(table.schema, name)

    def chunks(self, wanted: Projection) -> Iterator[Chunk]:
        """Slices of 65,536 rows."""
        table = self.table.select(list(wanted.names))
        for first in range(0, self.table.num_rows, CHUNK_ROWS):
            yield Chunk(partial(self._blocks, table.slice(first, CHUNK_ROWS), first))

    def _blocks(self, table: pa.Table, first: int) -> Iterator[Block]:
        """The one block of these rows; what a table of another library holds is as good as its writer."""
        with arrow_errors(self.name):
            columns = [column.combine_chunks() for column in table.columns]
            batch = pa.RecordBatch.from_arrays(columns, table.column_names)
            block = block_of(batch, table.column_names, self.name, first)
        yield block


def of_table(data: Any, name: str | None = None) -> TableSource:
    """A source from a pandas DataFrame, an Arrow table, or anything that exports one (polars), under a name."""
    table, kind = (data, "arrow") if isinstance(data, pa.Table) else (as_table(data), "dataframe")
    return TableSource(name or ("table" if kind == "arrow" else kind), kind, table)


def as_table(data: Any) -> pa.Table:
    """A DataFrame, or anything that exports a table, as Arrow's."""
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        if data.empty and len(data.columns):  # its columns may have no type that could be judged
            raise ContentError("no_rows", "no rows", where=Where("dataframe"))
        names = [name_text("data", name) for name in data.columns]
        return pa.Table.from_arrays([_array(data.iloc[:, i]) for i in range(len(names))], names)
    if hasattr(data, "__arrow_c_stream__") and np.ndim(data) != 1:  # a Series is no table
        return pa.table(data)
    hint = "labels need scores beside them: probs=P, logits=P or log_probs=P; else give paths or a table"
    raise RequestError("data", f"cannot score a {type(data).__name__} by itself", hint=hint)


def of_arrays(
    labels: Any, given: Mapping[str, Any], weights: Any, spec: ColumnSpec, called: str | None = None
) -> tuple[TableSource, ColumnSpec]:
    """A source from labels `(n,)` or targets `(n, K)` and scores `(n,)` or `(n, K)`, and its columns.

    It is `called` what is given, or else arrays.

    `given` has the scores under the name of their kind in `spec`, which asks for no columns. Raises `RequestError`
    and `ContentError`.
    """
    [(kind, values)] = given.items()
    soft = _axes(labels) == 2
    columns = {"target": _scores(labels, "target", spec)} if soft else {"label": _labels(labels)}
    if weights is not None:
        columns["weight"] = flat_column(weights, "weight")
    own = _own_name(values)
    name = kind if own is None or own in columns else own
    columns[name] = _scores(values, name, spec)
    if len({len(column) for column in columns.values()}) > 1:
        lengths = ", ".join(f"{name} has {len(column)}" for name, column in columns.items())
        raise ContentError("lengths", f"arrays of different lengths: {lengths}", where=Where(ARRAYS))
    roles: dict[str, Any] = {kind: (name,), **({"target": ("target",)} if soft else {"label": "label"})}
    spec = replace(spec, **roles, weight=None if weights is None else "weight")
    return TableSource(called or ARRAYS, ARRAYS, pa.table(columns)), spec


def _axes(labels: Any) -> int:
    """1 for labels, 2 for soft ones."""
    try:
        axes = np.ndim(labels)
    except ValueError:  # lists of different lengths
        axes = 0
    if axes not in (1, 2):
        message = f"labels come as an array (n,), soft ones as (n, K), not as this {type(labels).__name__}"
        hint = "for a file or a table prob=, logit= or logprob= names the columns of the scores"
        raise RequestError("data", message, hint=hint)
    return axes


def _labels(values: Any) -> pa.Array:
    array = _array(values)
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array  # none, or all are missing


def _own_name(values: Any) -> str | None:
    """The name of a single column, which may tell its class as in a file; a number tells only where it stood."""
    columns = getattr(values, "column_names", getattr(values, "columns", None))
    names = [getattr(values, "name", None)] if columns is None else list(columns)  # of a Series, or of a table
    name = names[0] if len(names) == 1 else None
    return name if isinstance(name, str) and name else None


def _scores(values: Any, column: str, spec: ColumnSpec) -> pa.Array:
    """Numbers or lists, in the order of the classes; structs by class where columns have names."""
    found, names = _numbers(values, column)
    if not pa.types.is_struct(found.type):
        return found
    if not names:
        raise ContentError("shape", "has no columns", where=Where(ARRAYS), column=column)
    if len(names) == 1:
        return found.field(0)
    places = range(len(names))
    if names in ([*places], [f"column_{i}" for i in places]):  # pandas and polars made them up: only order tells
        given = spec.classes or ()
        return renamed(found, given if len(given) == len(names) else [str(i) for i in places])
    return by_class(found, spec.classes, column)


def _numbers(values: Any, column: str) -> tuple[pa.Array, list[Any]]:
    """Numbers or lists, or a struct from a table, and the names of its columns."""
    import pandas as pd

    if isinstance(values, pd.DataFrame):
        counted = pd.api.types.is_integer_dtype(values.columns)
        names: list[Any] = [int(name) if counted else name_text(column, name) for name in values.columns]
        parts = [number_column(values.iloc[:, i], str(name)) for i, name in enumerate(names)]
        return pa.StructArray.from_arrays(parts, [str(name) for name in names]), names
    found = number_column(values, column)
    return found, [field.name for field in found.type] if pa.types.is_struct(found.type) else []


def _array(values: Any) -> pa.Array:
    """An Arrow array; what Arrow cannot type (mixed objects) becomes text."""
    values = _native(values)
    try:
        array = pa.array(values, from_pandas=True)
        if pa.types.is_date(array.type) and any(isinstance(v, datetime.datetime) and v == v for v in values):
            raise pa.ArrowInvalid("Arrow would drop the time of day")
        if pa.types.is_binary(array.type) and isinstance(values, np.ndarray):
            array = array.cast(pa.string())
    except (pa.ArrowException, OverflowError):
        import pandas as pd

        rows = enumerate(zip(values, pd.isna(values), strict=True))
        array = pa.array([None if missing else _text(value, row) for row, (value, missing) in rows])
    except (UnicodeError, ValueError):
        array = pa.array([_text(v, i) for i, v in enumerate(values)])
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _text(value: Any, row: int) -> str:
    """A value as the text of a label."""
    try:
        text = str(value)
    except ValueError as error:
        message = f"{brief_repr(value)} cannot be a label: write it as text"
        raise ContentError("label_type", message, where=Where(ARRAYS, row=row)) from error
    if not is_unicode(text):
        message = f"{brief_repr(value)} is not valid Unicode"
        raise ContentError("encoding", message, where=Where(ARRAYS, row=row))
    return text


def _native(values: Any) -> Any:
    """NumPy's arrays in a type that Arrow has: neither of the other byte order nor longer than float64."""
    kind = getattr(values, "dtype", None)
    if not isinstance(kind, np.dtype):
        return values
    if kind.kind == "f" and kind.itemsize > 8:
        return values.astype(np.float64)
    return values if kind.isnative else values.astype(kind.newbyteorder("="))
