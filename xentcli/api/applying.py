"""The function that applies recalibrations: paths, tables and arrays in, the same out."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any, Unpack

import numpy as np
import pyarrow as pa

from xentcli.analysis.applying.apply import ApplyRequest, apply_to_array, apply_to_files, apply_to_table
from xentcli.analysis.request import InputRequest, policy
from xentcli.api.arguments import kind_of
from xentcli.api.arrays import ARRAYS, number_column
from xentcli.api.asking import are_paths, spec_of, text_of
from xentcli.api.calling import takes, values_of
from xentcli.api.frames import as_table
from xentcli.api.parameters import ApplyArguments
from xentcli.errors import RequestError
from xentcli.results.calibrate import CalibrateResult
from xentcli.results.calibration_map import CalibrationMap
from xentcli.states.calibration import read_calibration


@takes(ApplyArguments)
def apply(calibration: Any, data: Any, **arguments: Unpack[ApplyArguments]) -> Any:
    """Recalibrate the predictions in `data` by a calibration: a result of `calibrate`, or the path of its file.

    `data` is one of

    - a path, or a list of paths, of files, which are written again to output=; what was done is returned;
    - a table: a pandas DataFrame comes back as one, anything else as an Arrow table;
    - an array (n,) of the positive class of two, or (n, K) in the order of the classes of the calibration; an
      array of the same shape comes back, of probabilities where it held probabilities, of logits where logits.

    Labels are not needed. Raises as `score` does, and `ContentError` for other classes than the calibration's.

    >>> from xentcli.results.calibration_map import calibration_map
    >>> colder = calibration_map(("0", "1"), "temperature", {"temperature": 2.0})
    >>> apply(colder, [0.9, 0.5]).tolist()
    [0.75, 0.5]
    """
    asked = values_of(ApplyArguments, arguments)
    spec = spec_of(asked)
    paths = (data,) if isinstance(data, str | os.PathLike) else tuple(data) if are_paths(data) else ()
    request = ApplyRequest(
        map=_map_of(calibration),
        inputs=InputRequest(paths, spec, text_of(asked, spec)),
        output=asked.output,
        suffix=asked.suffix,
        logits=asked.logits,
        interval=asked.interval,
        policy=policy(None, asked.normalize, asked.sum_tolerance, asked.missing, (), {}, 0.0),
    )
    if paths:
        if asked.output is None:
            raise RequestError("output", "files are written to output=", hint="output=PATH")
        return apply_to_files(request)
    if asked.output is not None:
        raise RequestError("output", "output= goes with files: tables and arrays are returned")
    return _of_memory(request, data, asked)


def _map_of(calibration: Any) -> CalibrationMap:
    if isinstance(calibration, CalibrationMap):
        return calibration
    if isinstance(calibration, CalibrateResult):
        return calibration.calibration
    if isinstance(calibration, str | os.PathLike):
        return read_calibration(calibration)
    given = type(calibration).__name__
    message = f"a calibration is what calibrate() returns, or the path of its file, not a {given}"
    raise RequestError("calibration", message)


def _of_memory(request: ApplyRequest, data: Any, asked: SimpleNamespace) -> Any:
    """A table or an array, recalibrated."""
    if hasattr(data, "columns") or hasattr(data, "column_names"):
        return _as_given(data, *apply_to_table(request, as_table(data)))
    if request.suffix is not None or request.interval:
        raise RequestError("suffix", "suffix= and interval= add columns, and an array has none")
    kind = kind_of("kind", asked.kind)
    return np.asarray(apply_to_array(request, pa.table({"scores": number_column(data, ARRAYS)}), kind))


def _as_given(data: Any, table: pa.Table, new: tuple[str, ...]) -> Any:
    """The new columns in a table of the kind that was given."""
    import pandas as pd

    if not isinstance(data, pd.DataFrame):
        return table
    result, own = data.copy(), {str(name): name for name in data.columns}
    for name in new:
        result[own.get(name, name)] = table.column(name).to_pandas().to_numpy()
    return result
