"""The public Python functions; the command line is a thin dress over them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xentcli.analysis.request import (
    CompareRequest,
    EngineRequest,
    GradientsRequest,
    InputRequest,
    ScoreRequest,
    WorstRequest,
    policy,
)
from xentcli.analysis.score import gate_of, merge_states, score_files
from xentcli.api.arguments import bin_edges
from xentcli.api.scoring import score
from xentcli.columns.columns import ColumnSpec, parse_list
from xentcli.core.batch import Policy
from xentcli.engine.engine import Progress
from xentcli.gates.gating import parse_gating
from xentcli.sources.source import TextOptions

if TYPE_CHECKING:
    from xentcli.analysis.columns import columns_of
    from xentcli.analysis.compare import compare_files
    from xentcli.analysis.gradients import gradients_of
    from xentcli.analysis.worst import worst_of

__all__ = [
    "ColumnSpec",
    "CompareRequest",
    "EngineRequest",
    "GradientsRequest",
    "InputRequest",
    "Policy",
    "Progress",
    "ScoreRequest",
    "TextOptions",
    "WorstRequest",
    "bin_edges",
    "columns_of",
    "compare_files",
    "gate_of",
    "gradients_of",
    "merge_states",
    "parse_gating",
    "parse_list",
    "policy",
    "score",
    "score_files",
    "worst_of",
]

# A score of a small file should not wait for what these need.
_LATER = {"columns_of": "columns", "compare_files": "compare", "gradients_of": "gradients", "worst_of": "worst"}


def __getattr__(name: str) -> Any:
    """The functions of further commands, loaded when they are first used."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"xentcli.analysis.{_LATER[name]}"), name)
