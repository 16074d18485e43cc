"""The function that tells how far a model has moved: paths, tables and arrays in, a result out."""

from __future__ import annotations

from typing import Any, Unpack

import pyarrow as pa
from msgspec.structs import replace

from xentcli.analysis.comparing.divergence import DivergenceRequest, diverge_files
from xentcli.analysis.request import InputRequest, policy
from xentcli.api.arguments import column_name, kind_of, texts
from xentcli.api.arrays import ARRAYS, number_column
from xentcli.api.asking import are_paths, base_columns, engine_of, spec_of, text_of, with_data
from xentcli.api.calling import takes, values_of
from xentcli.api.frames import TableSource
from xentcli.api.parameters import DivergenceArguments
from xentcli.columns.columns import OPTIONS
from xentcli.core.batch import InputKind
from xentcli.errors import RequestError
from xentcli.gates.gating import parse_divergence_gating
from xentcli.results.divergence import DivergenceResult
from xentcli.units import Unit


@takes(DivergenceArguments)
def divergence(base: Any, new: Any = None, **arguments: Unpack[DivergenceArguments]) -> DivergenceResult:
    """How far have the predictions of `new` moved from those of `base`, on the same rows? No labels are needed.

    Each is one of

    - a path, or of `new` a list of paths, of files;
    - a table: a pandas or polars DataFrame, or an Arrow table; without `new`, both models are in `base`;
    - an array of predictions (n,) of the positive class of two, or (n, K); kind= says what it holds.

    Rows match by the ids in column on=, otherwise in order. Raises as `score` does, and `ContentError` where rows,
    classes or weights differ.

    >>> round(divergence([[0.5, 0.5]], [[0.25, 0.75]]).metrics.kl, 6)
    0.143841
    """
    asked = values_of(DivergenceArguments, arguments)
    spec = spec_of(asked)
    request = InputRequest((), spec, text_of(asked, spec))
    of_base = replace(request, spec=base_columns(asked, replace(spec, by=(), bins=(), cluster=None)))
    kind = kind_of("kind", asked.kind)
    base_kind = kind if asked.base_kind is None else kind_of("base_kind", asked.base_kind)
    return diverge_files(
        DivergenceRequest(
            base=_side(of_base, base, "base" if new is not None else None, base_kind),
            new=_side(request, base if new is None else new, None if new is None else "new", kind),
            on=column_name("on", asked.on),
            policy=policy(None, asked.normalize, asked.sum_tolerance, asked.missing, (), {}, 0.0),
            unit=Unit(asked.unit),
            gating=parse_divergence_gating(texts("require", asked.require), asked.confidence),
            engine=engine_of(asked),
            save_state=asked.save_state,
        )
    )


def _side(request: InputRequest, data: Any, name: str | None, kind: InputKind) -> InputRequest:
    """One of the two, from what is given; predictions in memory have one column."""
    table = hasattr(data, "columns") or hasattr(data, "column_names") or hasattr(data, "__arrow_c_stream__")
    if isinstance(data, str) or hasattr(data, "__fspath__") or are_paths(data) or table:
        return with_data(request, data, name)
    named = [each for each in ("prob", "logit", "logprob", "label", "weight") if getattr(request.spec, each)]
    if named:
        raise RequestError(
            "data", f"{named[0]}= names columns, and an array has none", hint=f"without {named[0]}="
        )
    scores = number_column(data, ARRAYS)
    option = OPTIONS[kind].removeprefix("--")
    source = TableSource(name or ARRAYS, ARRAYS, pa.table({"scores": scores}))
    return replace(request, spec=replace(request.spec, **{option: ("scores",)}), tables=(source,))
