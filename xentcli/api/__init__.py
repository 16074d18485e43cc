"""The public Python functions; the command line is a thin dress over them."""

from __future__ import annotations

from xentcli.analysis.answers import (
    columns_of,
    compare_files,
    gate_of,
    gradients_of,
    merge_states,
    score_files,
    worst_of,
)
from xentcli.analysis.request import CompareRequest, ScoreRequest, policy
from xentcli.api.arguments import bin_edges
from xentcli.api.scoring import score
from xentcli.columns.columns import ColumnSpec, parse_list
from xentcli.engine.engine import Progress
from xentcli.gates.gating import parse_gating
from xentcli.sources.source import TextOptions

__all__ = [
    "ColumnSpec",
    "CompareRequest",
    "Progress",
    "ScoreRequest",
    "TextOptions",
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
