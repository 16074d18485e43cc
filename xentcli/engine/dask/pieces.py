"""Work cut into splits that another process can read and score with nothing but a small description of each."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from functools import reduce
from typing import Self

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli import __version__
from xentcli.columns.columns import Columns
from xentcli.core.batch import Policy
from xentcli.engine.dask.reopening import Description, another_file
from xentcli.engine.scoring import PartScore, Plan, score_chunk
from xentcli.errors import AccessError, RequestError
from xentcli.sources.source import WHOLE, Split


class Versions(Struct, frozen=True):
    """What must agree for results to agree in every bit."""

    xentcli: str = __version__
    numpy: str = np.__version__


class Shared(Struct, frozen=True):
    """What all pieces have in common."""

    columns: Sequence[Columns]  # each that is used, once
    policy: Policy
    plan: Plan
    versions: Versions = field(default_factory=Versions)
    known: PartScore | None = None  # nothing, but with what some pieces together no longer tell apart

    def informed(self, scored: Scored) -> Shared:
        """For pieces that will be merged with these: they need to keep no more for the breakdown than all do.

        That makes their states small, and leaves the sum as it is.
        """
        nothing = PartScore.empty(self.columns[0].class_count)
        state = nothing.state.beside(scored.score.state.breakdown)
        return replace(self, known=replace(nothing, state=state))


class Piece(Struct, frozen=True):
    """A split of an input."""

    number: int  # of the input
    source: Description
    columns: int  # which of the shared ones
    split: Split


class Scored(Struct, frozen=True):
    """What pieces add, and how many rows each input had; `merge` is commutative and associative."""

    score: PartScore
    rows: Counter[int]

    def merge(self, other: Self) -> Self:
        """What both add."""
        return type(self)(self.score.merge(other.score), self.rows + other.rows)


def find_splits(source: Description, text_bytes: int, rows: int) -> list[Split]:
    """The splits of an input. One that cannot be read is all one split, whose reader will say why."""
    try:
        return list(source.open().splits(text_bytes, rows))
    except AccessError:
        return [WHOLE]


def score_piece(shared: Shared, piece: Piece) -> Scored:
    """Score a piece, with the input opened where this runs.

    Raises what the local engine raises for these rows, and `RequestError` where the versions differ.
    """
    refuse_versions(shared.versions, Versions(), platform.node())
    columns = shared.columns[piece.columns]
    result = shared.known or PartScore.empty(columns.class_count)
    try:
        source = piece.source.open()
        for chunk in source.select(piece.split).chunks(columns.wanted):
            number = shared.plan.first_input + piece.number
            score = score_chunk(number, chunk, columns, shared.policy, shared.plan, result)
            result = result.merge(score)
    except AccessError as error:
        raise _told_of_workers(error) from error
    if piece.split.exact and result.tally.rows != piece.split.rows:
        raise another_file(source)
    return Scored(result, Counter({piece.number: result.tally.rows}))


def merge_scored(scored: Sequence[Scored]) -> Scored:
    """What several add."""
    return reduce(Scored.merge, scored)


def refuse_versions(wanted: Versions, found: Versions, where: str) -> None:
    """Results are the same in every bit only with the same code."""
    if wanted != found:
        raise RequestError(
            "versions",
            f"the worker on {where} has xentcli {found.xentcli} and NumPy {found.numpy}, "
            f"here are xentcli {wanted.xentcli} and NumPy {wanted.numpy}",
            hint="install the same versions on all machines: results would differ in their last digits",
        )


def _told_of_workers(error: AccessError) -> AccessError:
    hint = error.hint or f"workers read the files themselves: {platform.node()} must have them at the same path"
    return AccessError(error.code, error.message, hint=hint, where=error.where, column=error.column)
