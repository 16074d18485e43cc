"""The functions that score: paths, tables and arrays in, a result out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any, Unpack

from msgspec.structs import replace

from xentcli.analysis.comparing.compare import compare_files
from xentcli.analysis.gating.files import gate_files
from xentcli.analysis.gating.scores import score_files
from xentcli.analysis.merge import MergeRequest, merge_and_gate
from xentcli.analysis.request import CompareRequest, InputRequest, ScoreRequest, WorstRequest
from xentcli.analysis.worst import worst_of
from xentcli.api.arguments import class_shares, column_name, texts
from xentcli.api.asking import engine_of, inputs_of, pair_of, policy_of
from xentcli.api.calling import takes, values_of
from xentcli.api.parameters import (
    CompareArguments,
    GateArguments,
    MergeArguments,
    NoArguments,
    ScoreArguments,
    WorstArguments,
)
from xentcli.errors import RequestError
from xentcli.gates.gating import parse_gating
from xentcli.results.compare import CompareResult
from xentcli.results.explain import ExplainResult
from xentcli.results.explain import explain as explain_number
from xentcli.results.gate import GateResult
from xentcli.results.score import ScoreResult
from xentcli.results.worst import WorstResult
from xentcli.units import Unit
from xentcli.wording import brief_repr


@takes(ScoreArguments)
def score(data: Any, **arguments: Unpack[ScoreArguments]) -> ScoreResult:
    """How good are the probabilities in `data`?

    `data` is one of

    - a path, or a list of paths, of files: CSV, JSON Lines, Parquet, Arrow IPC or .npy, plain or compressed; also
      patterns and folders;
    - a table: a pandas or polars DataFrame, or an Arrow table;
    - labels (n,), or soft labels (n, K), with one of probs=, logits= or log_probs=: (n,) for the positive class
      of two, or (n, K) in the order of classes= (without it, of labels 0 to K-1). The columns of a DataFrame that
      have names go by these. What is None, NA or masked is missing; text is not taken for numbers.

    The result prints as a report, shows as tables and pictures in a notebook, and has `to_dict`, `to_json`,
    `to_markdown` and `to_frame`; `result.metrics.log_loss` and so on are its numbers. Requirements that are not
    met raise nothing: `result.gates` says what became of each.

    Raises `RequestError` for arguments that are wrong, unclear or without effect beside the others, `ContentError`
    for content that cannot be scored, and `AccessError` for files that cannot be read (see `xentcli.errors`).
    Their `hint`, also a note of the traceback, says what to write.

    >>> score([1, 0, 1], probs=[0.9, 0.2, 0.6]).metrics.accuracy
    1.0
    """
    asked = values_of(ScoreArguments, arguments)
    return score_files(score_request(inputs_of(data, asked), asked, changes=False))


@takes(GateArguments)
def gate(data: Any, **arguments: Unpack[GateArguments]) -> GateResult:
    """Is what is required of the probabilities in `data` so? `data` is as for `score`.

    The result has the `verdict` ("pass", "fail" or "undecided"), the requirements, the worst first, as `gates`,
    and the `score`. A requirement that is not met raises nothing. Raises as `score` does, and without require=.

    >>> gate([1, 0, 1], probs=[0.9, 0.2, 0.6], require="log_loss <= 0.35").verdict
    'pass'
    """
    asked = values_of(GateArguments, arguments)
    if not texts("require", asked.require):
        raise RequestError("no_requirements", "nothing is required", hint='require="log_loss <= 0.35"')
    return gate_files(score_request(inputs_of(data, asked), asked, changes=True))


def score_request(inputs: InputRequest, asked: SimpleNamespace, *, changes: bool) -> ScoreRequest:
    """What is asked of these inputs; `changes` since the baseline are worth a baseline by themselves."""
    require = texts("require", asked.require)
    return replace(
        part_request(inputs, asked),
        unit=Unit(asked.unit),
        gating=parse_gating(require, asked.confidence, asked.baseline, changes=changes),
        reliability=bool(vars(asked).get("reliability")),
        save_state=vars(asked).get("save_state"),
        is_part=False,
    )


def part_request(inputs: InputRequest, asked: SimpleNamespace) -> ScoreRequest:
    """What is asked of inputs that are part of a whole."""
    return ScoreRequest(
        inputs=inputs,
        policy=policy_of(asked),
        engine=engine_of(asked),
        prior=class_shares(asked.prior),
        breakdown=asked.breakdown,
        shard=vars(asked).get("shard"),
        is_part=True,
    )


@takes(CompareArguments)
def compare(base: Any, new: Any = None, **arguments: Unpack[CompareArguments]) -> CompareResult:
    """Is the model of `new` better than that of `base`, on the same rows?

    Each is a path or a table, or labels beside which base_probs= (of `base`) or probs= (of `new`) has the scores;
    without `new`, both models are in `base`. Rows match by the ids in column on=, otherwise in order. Every
    difference is new - base. Raises as `score` does, and `ContentError` where rows, labels or weights differ.

    >>> compare([1, 0, 1], base_probs=[0.8, 0.3, 0.6], probs=[0.9, 0.2, 0.6]).wins
    2
    """
    asked = values_of(CompareArguments, arguments)
    of_base, of_new = pair_of(base, new, asked)
    request = CompareRequest(
        base=of_base,
        new=of_new,
        on=column_name("on", asked.on),
        policy=policy_of(asked),
        breakdown=asked.breakdown,
        unit=Unit(asked.unit),
        gating=parse_gating(texts("require", asked.require), asked.confidence, paired=True),
        anytime=asked.anytime,
        engine=engine_of(asked),
        save_state=asked.save_state,
    )
    return compare_files(request)


@takes(WorstArguments)
def worst(data: Any, **arguments: Unpack[WorstArguments]) -> WorstResult:
    """The rows of `data` with the largest loss, which is as for `score`; raises as that does.

    Column on= names the rows. `worst(data).to_frame()` has a row for each.

    >>> [row.row for row in worst([1, 0, 1], probs=[0.9, 0.2, 0.6], n=2).rows]
    [2, 1]
    """
    asked = values_of(WorstArguments, arguments)
    request = WorstRequest(
        inputs=inputs_of(data, asked, names_rows=True),
        most=asked.n,
        id=column_name("on", asked.on),
        policy=policy_of(asked),
        engine=engine_of(asked),
        unit=Unit(asked.unit),
        save_state=asked.save_state,
    )
    return worst_of(request)


@takes(MergeArguments)
def merge(*states: str | os.PathLike[str], **arguments: Unpack[MergeArguments]) -> Any:
    """The result of scoring at once all files whose states, saved by `score(..., save_state=...)`, are given.

    Likewise of `compare`, `rank` and `divergence`: the result is what these give, with what became of require= as
    its `gates`.

    Raises as `score` does, and `ContentError` for states that are damaged or were not scored alike.
    """
    asked = values_of(MergeArguments, arguments)
    request = MergeRequest(
        paths=tuple(_state_paths(states)),
        require=texts("require", asked.require),
        confidence=asked.confidence,
        baseline=asked.baseline,
        unit=Unit(asked.unit),
        save_state=asked.save_state,
        reliability=asked.reliability,
    )
    return merge_and_gate(request).result


def _state_paths(states: Iterable[Any]) -> Iterator[str | os.PathLike[str]]:
    """The paths among these, and in lists of them; raises a `RequestError` for what is none."""
    for each in states:
        if isinstance(each, str | os.PathLike):
            yield each
        elif isinstance(each, list | tuple):
            yield from _state_paths(each)
        else:
            message = f"merge reads states from files: paths, not {brief_repr(each)}"
            raise RequestError("state", message, hint="State.merge([a, b, ...]).result() merges those in memory")


@takes(NoArguments)
def explain(name: str | None = None) -> ExplainResult:
    """What the number of this `name` means: definition, formula, unit, range, caveats, source; None: all numbers.

    name: as any report, JSON or attribute calls it, in any spelling; `breakdown.rows` is that of one table.

    Raises `RequestError` for a name that is none.

    >>> explain("log loss").numbers[0].name
    'log_loss'
    """
    return explain_number(name)
