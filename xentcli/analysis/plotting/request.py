"""What `xent plot` may be asked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field

from xentcli.analysis.comparing.rank_request import models_of_files
from xentcli.analysis.request import EngineRequest, InputRequest, refuse_two_stdins
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.errors import RequestError, UnusedOptionError
from xentcli.results.pictures import AXES, BANDS, KINDS, ONE_MODEL, Axis, BandKind
from xentcli.states.run import Run
from xentcli.units import Unit
from xentcli.wording import brief_repr, did_you_mean, few

_WITH_BAND = ("reliability", "calibrate")


class ModelRequest(Struct, frozen=True):
    """One model: predictions, a state or a saved result, and how it is called."""

    name: str
    inputs: InputRequest
    document: dict[str, Any] | None = None  # the JSON of a result, in place of inputs
    state: Run | None = None  # what a state of a score holds, likewise
    command: str | None = None  # of several models, whose state says what is in the document

    @property
    def is_saved(self) -> bool:
        """Whether it is what xent has made of predictions."""
        return self.document is not None or self.state is not None

    @property
    def file(self) -> str:
        """Where it is from, as messages have it."""
        if not self.inputs.paths:
            return self.inputs.tables[0].name if self.inputs.tables else self.name
        path = os.fspath(self.inputs.paths[0])
        return "<stdin>" if path == "-" else path


class PlotRequest(Struct, frozen=True):
    """What `xent plot` is asked."""

    kind: str  # one of KINDS
    models: tuple[ModelRequest, ...]
    policy: Policy = field(default_factory=Policy)
    engine: EngineRequest = field(default_factory=EngineRequest)
    unit: Unit = Unit.NATS
    on: str | None = None  # of rank: the column of ids in all files; None: rows meet in order
    base: str | None = None  # of rank: the model that others are compared with; None: the best
    band: BandKind = "consistency"
    axis: Axis = "prob"

    def __post_init__(self) -> None:
        kind: object = self.kind  # of a Python call it may be anything
        if not isinstance(kind, str):
            message = f"a kind of picture is a text, not {brief_repr(kind)}"
            raise RequestError("kind", message, hint=f"kinds: {', '.join(KINDS)}")
        if self.kind not in KINDS:
            hint = f"{did_you_mean(self.kind, KINDS)}kinds: {', '.join(KINDS)}"
            raise RequestError("kind", f'there is no picture "{self.kind}"', hint=hint)
        _refuse_other("band", self.band, BANDS)
        _refuse_other("axis", self.axis, AXES)
        refuse_two_stdins([path for model in self.models for path in (*model.inputs.paths, model.inputs.labels)])
        self._refuse_number_of_models()
        self._refuse_without_effect()

    @property
    def spec(self) -> ColumnSpec:
        """The columns that are named, alike for all models."""
        return self.models[0].inputs.spec

    def _refuse_number_of_models(self) -> None:
        if not self.models:
            raise RequestError("models", "there is nothing to draw")
        names = [model.name for model in self.models]
        if len({*names}) < len(names):
            message = f"two models are called the same: {few(names, 5)}"
            raise RequestError("models", message, hint="--name FILE=NAME")
        if len(names) > 1 and self.kind in ONE_MODEL:
            message = f"{self.kind} draws one model, and these are {len(names)}"
            raise RequestError("models", message, hint=f"xent plot {ONE_MODEL[self.kind]} draws several")

    def _refuse_without_effect(self) -> None:
        spec, policy = self.spec, self.policy
        for option, changed in (
            ("--clip", policy.clip is not None),
            ("--label-smoothing", bool(policy.smoothing)),
        ):
            if changed and self.kind == "calibrate":
                message = f"{option} has no effect on calibrate: fits are to the predictions as they stand"
                raise UnusedOptionError(option, "no_effect", message, hint="leave it out")
        for option, given, without in (
            ("--unit", self.unit is not Unit.NATS, ("roc", "murphy")),
            ("--cluster", spec.cluster is not None, ("roc", "murphy", "losses")),
        ):
            if given and self.kind in without:
                message = f"{option} has no effect on {self.kind}"
                raise UnusedOptionError(option, "no_effect", message, hint="leave it out")
        for option, given, kinds in (
            ("--band", self.band != BANDS[0], _WITH_BAND),
            ("--axis", self.axis != AXES[0], _WITH_BAND),
            ("--base", self.base is not None, ("rank",)),
            ("--by", bool(spec.by), ("slices",)),
            ("--bins", bool(spec.bins), ("slices",)),
        ):
            if given and self.kind not in kinds:
                message = f"{option} has no effect on {self.kind}: it is about {' and '.join(kinds)}"
                raise UnusedOptionError(option, "no_effect", message, hint="leave it out")


def _refuse_other(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise RequestError(option, f'--{option} is {", ".join(known[:-1])} or {known[-1]}, not "{given}"')


def plotted_models(inputs: InputRequest, names: Sequence[str] = ()) -> tuple[ModelRequest, ...]:
    """A model for each path of `inputs`; `names` has what some are called, `FILE=NAME`."""
    return tuple(ModelRequest(each.name, each.inputs) for each in models_of_files(inputs, names, several=False))
