"""`xent plot`: from a request to what a picture draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from xentcli.analysis.plotting.calibration import calibrate_picture
from xentcli.analysis.plotting.documents import (
    breakdown_picture,
    confusions_picture,
    mcb_dsc_picture,
    slices_picture,
)
from xentcli.analysis.plotting.losses import losses_picture
from xentcli.analysis.plotting.models import Model, PlanOf, breakdown_plan, loss_plan, notices_of, read_model
from xentcli.analysis.plotting.ranking import rank_picture
from xentcli.analysis.plotting.reliability import reliability_picture
from xentcli.analysis.plotting.request import ModelRequest, PlotRequest
from xentcli.analysis.plotting.saved import look_into, refuse_without_effect
from xentcli.analysis.plotting.two_classes import murphy_picture, roc_picture
from xentcli.errors import Notice
from xentcli.results.pictures import AXES, BANDS, Picture

Found = tuple[Picture, list[Model]]


class Plotted(Struct, frozen=True):
    """What is drawn, and what is odd about it."""

    picture: Picture
    notices: tuple[Notice, ...]


def plot_files(request: PlotRequest) -> Plotted:
    """What a picture of these models draws.

    Raises as `score_files` does, and `RequestError` for models that such a picture cannot show, with the kind
    that can.
    """
    looked = tuple(map(look_into, request.models))
    if all(model.is_saved for model in looked):
        _refuse_without_effect(request, looked)
    request = replace(request, models=looked)
    picture, models = _PICTURES[request.kind](request)
    return Plotted(picture, notices_of(models))


def _refuse_without_effect(request: PlotRequest, looked: Sequence[ModelRequest]) -> None:
    """Raise a `RequestError` for options about predictions where there are only saved results and states."""
    more = {"--on": request.on, "--base": request.base}
    if request.kind == "calibrate":
        more |= {"--band": None if request.band == BANDS[0] else request.band}
        more |= {"--axis": None if request.axis == AXES[0] else request.axis}
    for model in looked:
        inputs = request.models[0].inputs
        refuse_without_effect(model, inputs, request.policy, more, kept=("by", "bins"))


def _of_models(
    draw: Callable[[list[Model], PlotRequest], Picture], plan: PlanOf
) -> Callable[[PlotRequest], Found]:
    """Of models that are read first."""

    def found(request: PlotRequest) -> Found:
        models = [read_model(each, request, plan) for each in request.models]
        return draw(models, request), models

    return found


_PICTURES: dict[str, Callable[[PlotRequest], Found]] = {
    "reliability": reliability_picture,
    "breakdown": _of_models(lambda models, request: breakdown_picture(models, request.unit), breakdown_plan),
    "mcb-dsc": _of_models(lambda models, request: mcb_dsc_picture(models, request.unit), breakdown_plan),
    "murphy": _of_models(lambda models, request: murphy_picture(models), breakdown_plan),
    "roc": _of_models(lambda models, request: roc_picture(models), breakdown_plan),
    "losses": _of_models(lambda models, request: losses_picture(models, request.unit), loss_plan),
    "confusions": _of_models(lambda models, request: confusions_picture(models[0], request.unit), breakdown_plan),
    "calibrate": calibrate_picture,
    "rank": rank_picture,
    "slices": _of_models(lambda models, request: slices_picture(models[0], request.unit), loss_plan),
}
