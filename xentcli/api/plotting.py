"""The function that draws: paths, tables, arrays and results in, a picture out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Unpack

from msgspec import Struct
from msgspec.structs import replace

from xentcli.analysis.plotting.curve import with_own_curve
from xentcli.analysis.plotting.plot import plot_files
from xentcli.analysis.plotting.request import ModelRequest, PlotRequest, plotted_models
from xentcli.analysis.request import InputRequest, refuse_no_path
from xentcli.api.arguments import ARRAYS, column_name
from xentcli.api.asking import are_paths, engine_of, inputs_of, policy_of, scores_of, without_data
from xentcli.api.calling import takes, values_of
from xentcli.api.parameters import PlotArguments
from xentcli.api.ranking import models_of_arrays
from xentcli.api.states import State, run_of
from xentcli.errors import Notice, RequestError
from xentcli.files import PICTURE, refuse_other_suffix, suffix_of
from xentcli.render.pictures.kinds import svg
from xentcli.results.pictures import RANK, Picture
from xentcli.results.result import Result
from xentcli.results.score import ScoreResult
from xentcli.sources.targets import write_file
from xentcli.units import Unit


class Plot(Struct, frozen=True):
    """A picture: a notebook shows it, `save` writes it, `picture` has the numbers that are drawn."""

    kind: str
    picture: Picture
    notices: tuple[Notice, ...]

    @property
    def svg(self) -> str:
        """The text of an SVG file."""
        return svg(self.picture, self._doubts())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as SVG, or as PNG where the path ends so; complete or not at all.

        Raises `AccessError`, and `RequestError` for a file of another kind, and for PNG without the extra
        `xentcli[png]`.
        """
        refuse_no_path("path", path)
        name = os.fspath(path)
        refuse_other_suffix(name, PICTURE, 'save("{path}")')
        if suffix_of(name) != ".png":
            write_file(name, self.svg.encode())
            return
        from xentcli.render.pictures.png import png

        write_file(name, png(self.picture, self._doubts()))

    def _doubts(self) -> list[str]:
        return [str(each) for each in self.notices if each.doubt]

    def _repr_html_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Plot: {self.kind}>"


@takes(PlotArguments)
def plot(kind: str, data: Any, **arguments: Unpack[PlotArguments]) -> Plot:
    """A picture of `data`, which is as for `score`, or a result of xent.

    Several models are a dict of such by name, a list of paths, or labels with scores by name:
    probs={"old": P, "new": Q}.
    kind: "reliability", "breakdown", "mcb-dsc", "murphy", "roc", "losses", "confusions", "slices", "rank" or
    "calibrate".

    The result has the text of an SVG file as `svg`, and `save(path)`; a notebook shows it. Raises as `score` does,
    and `RequestError` for what such a picture cannot show.

    >>> plot("roc", [1, 0, 1, 0], probs=[0.9, 0.2, 0.6, 0.7]).picture.models[0].area
    0.75
    """
    asked = values_of(PlotArguments, arguments)
    request = PlotRequest(
        kind=kind,
        models=_models(kind, data, asked),
        policy=policy_of(asked),
        engine=engine_of(asked),
        unit=Unit(asked.unit),
        on=column_name("on", asked.on) if kind == RANK else None,
        base=asked.base,
        band=asked.band,
        axis=asked.axis,
    )
    plotted = plot_files(request)
    return Plot(kind, plotted.picture, plotted.notices)


def _models(kind: str, data: Any, asked: SimpleNamespace) -> tuple[ModelRequest, ...]:
    given = scores_of(asked)
    if any(isinstance(scores, Mapping) for scores in given.values()):
        found = models_of_arrays(without_data(asked), data, given, asked.weights)
        return tuple(ModelRequest(each.name, each.inputs) for each in found)
    if are_paths(data):
        return plotted_models(replace(inputs_of(data[0], asked, names_rows=kind == RANK), paths=tuple(data)))
    if not isinstance(data, Mapping):
        return (_model(kind, None, data, asked),)
    if given:
        message = f"{ARRAYS[next(iter(given))]}= is of one model, and these are {len(data)} by name"
        raise RequestError("models", message, hint="probs= may be a dict by name too, beside the labels of all")
    return tuple(_model(kind, str(name), each, asked) for name, each in data.items())


def _model(kind: str, name: str | None, data: Any, asked: SimpleNamespace) -> ModelRequest:
    if kind == "reliability" and isinstance(data, ScoreResult):
        data = with_own_curve(data)
    if isinstance(data, Result):
        return ModelRequest(name or data.format, InputRequest(), data.to_dict())
    if isinstance(data, State):
        return ModelRequest(name or "state", InputRequest(), state=run_of(data))
    inputs = inputs_of(data, asked, names_rows=kind == RANK)
    own = plotted_models(inputs)[0].name if inputs.paths else inputs.tables[0].name
    return ModelRequest(name or own, inputs)
