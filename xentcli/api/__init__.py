"""The public Python functions; the command line is a thin dress over them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xentcli.analysis.gating.scores import gate_of, score_files
from xentcli.analysis.request import (
    CompareRequest,
    EngineRequest,
    GradientsRequest,
    InputRequest,
    ScoreRequest,
    WorstRequest,
    policy,
)
from xentcli.api.arguments import bin_edges
from xentcli.columns.columns import ColumnSpec, parse_list
from xentcli.core.batch import Policy
from xentcli.engine.engine import Progress
from xentcli.gates.gating import parse_divergence_gating, parse_gains, parse_gating
from xentcli.sources.source import TextOptions

if TYPE_CHECKING:
    from xentcli.analysis.applying.apply import ApplyRequest, apply_to_files
    from xentcli.analysis.calibrating.calibrate import calibrate_files
    from xentcli.analysis.calibrating.request import CalibrateRequest, PriorShift
    from xentcli.analysis.columns import columns_of
    from xentcli.analysis.comparing.compare import compare_files
    from xentcli.analysis.comparing.divergence import DivergenceRequest, diverge_files
    from xentcli.analysis.comparing.rank import rank_files
    from xentcli.analysis.comparing.rank_request import (
        ModelRequest,
        RankRequest,
        models_of_columns,
        models_of_files,
    )
    from xentcli.analysis.gating.files import gate_files, refuse_states_of_models
    from xentcli.analysis.gradients import gradients_of
    from xentcli.analysis.merge import Merged, MergeRequest, merge_and_gate, merge_states
    from xentcli.analysis.plotting.of_result import pictures_of_result
    from xentcli.analysis.plotting.plot import plot_files
    from xentcli.analysis.plotting.request import PlotRequest, plotted_models
    from xentcli.analysis.reporting.report import report_files, report_merged
    from xentcli.analysis.reporting.request import ReportRequest
    from xentcli.analysis.worst import worst_of
    from xentcli.api.applying import apply
    from xentcli.api.calibrating import calibrate
    from xentcli.api.diverging import divergence
    from xentcli.api.plotting import plot
    from xentcli.api.ranking import rank
    from xentcli.api.reporting import report
    from xentcli.api.scoring import compare, explain, gate, merge, score, worst
    from xentcli.api.showing import markdown_with_pictures, present
    from xentcli.api.states import State, score_state
    from xentcli.sources.targets import refuse_unwritable, write_file
    from xentcli.states.calibration import calibration_text, read_calibration, write_calibration

__all__ = [
    "ApplyRequest",
    "CalibrateRequest",
    "ColumnSpec",
    "CompareRequest",
    "DivergenceRequest",
    "EngineRequest",
    "GradientsRequest",
    "InputRequest",
    "MergeRequest",
    "Merged",
    "ModelRequest",
    "PlotRequest",
    "Policy",
    "PriorShift",
    "Progress",
    "RankRequest",
    "ReportRequest",
    "ScoreRequest",
    "State",
    "TextOptions",
    "WorstRequest",
    "apply",
    "apply_to_files",
    "bin_edges",
    "calibrate",
    "calibrate_files",
    "calibration_text",
    "columns_of",
    "compare",
    "compare_files",
    "diverge_files",
    "divergence",
    "explain",
    "gate",
    "gate_files",
    "gate_of",
    "gradients_of",
    "markdown_with_pictures",
    "merge",
    "merge_and_gate",
    "merge_states",
    "models_of_columns",
    "models_of_files",
    "parse_divergence_gating",
    "parse_gains",
    "parse_gating",
    "parse_list",
    "pictures_of_result",
    "plot",
    "plot_files",
    "plotted_models",
    "policy",
    "present",
    "rank",
    "rank_files",
    "read_calibration",
    "refuse_states_of_models",
    "refuse_unwritable",
    "report",
    "report_files",
    "report_merged",
    "score",
    "score_files",
    "score_state",
    "worst",
    "worst_of",
    "write_calibration",
    "write_file",
]

# A score of a small file at the command line should not wait for what these need.
_LATER = {
    "apply": "xentcli.api.applying",
    **dict.fromkeys(("ApplyRequest", "apply_to_files"), "xentcli.analysis.applying.apply"),
    "CalibrateRequest": "xentcli.analysis.calibrating.request",
    "PriorShift": "xentcli.analysis.calibrating.request",
    "calibrate": "xentcli.api.calibrating",
    "calibrate_files": "xentcli.analysis.calibrating.calibrate",
    "columns_of": "xentcli.analysis.columns",
    **dict.fromkeys(("DivergenceRequest", "diverge_files"), "xentcli.analysis.comparing.divergence"),
    "divergence": "xentcli.api.diverging",
    "compare_files": "xentcli.analysis.comparing.compare",
    **dict.fromkeys(
        ("ModelRequest", "RankRequest", "models_of_columns", "models_of_files"),
        "xentcli.analysis.comparing.rank_request",
    ),
    "rank": "xentcli.api.ranking",
    "rank_files": "xentcli.analysis.comparing.rank",
    "gate_files": "xentcli.analysis.gating.files",
    "refuse_states_of_models": "xentcli.analysis.gating.files",
    "gradients_of": "xentcli.analysis.gradients",
    "pictures_of_result": "xentcli.analysis.plotting.of_result",
    "plot": "xentcli.api.plotting",
    "plot_files": "xentcli.analysis.plotting.plot",
    **dict.fromkeys(("PlotRequest", "plotted_models"), "xentcli.analysis.plotting.request"),
    "ReportRequest": "xentcli.analysis.reporting.request",
    "report": "xentcli.api.reporting",
    **dict.fromkeys(("report_files", "report_merged"), "xentcli.analysis.reporting.report"),
    **dict.fromkeys(("MergeRequest", "Merged", "merge_and_gate", "merge_states"), "xentcli.analysis.merge"),
    "worst_of": "xentcli.analysis.worst",
    **dict.fromkeys(("markdown_with_pictures", "present"), "xentcli.api.showing"),
    **dict.fromkeys(("State", "score_state"), "xentcli.api.states"),
    **dict.fromkeys(("refuse_unwritable", "write_file"), "xentcli.sources.targets"),
    **dict.fromkeys(("calibration_text", "read_calibration", "write_calibration"), "xentcli.states.calibration"),
    **dict.fromkeys(("compare", "explain", "gate", "merge", "score", "worst"), "xentcli.api.scoring"),
}


def __getattr__(name: str) -> Any:
    """The functions for Python, and those of further commands, loaded when they are first used."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
