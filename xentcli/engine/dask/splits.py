"""Work cut into splits that another process can read and score with nothing but a small description of each."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from functools import reduce
from typing import Protocol, Self, TypeVar

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli import __version__
from xentcli.columns.columns import Columns
from xentcli.core.batch import Policy
from xentcli.engine.dask.reopening import Description, another_file
from xentcli.engine.scoring import BlockScorer, add_blocks
from xentcli.engine.totals import Plan, Totals
from xentcli.errors import AccessError, RequestError
from xentcli.sources.source import WHOLE, Split


class Versions(Struct, frozen=True):
    """What must agree for results to agree in every bit."""

    xentcli: str = __version__
    numpy: str = np.__version__


class Addable(Protocol):
    """What splits add up to."""

    def merge(self, other: Self, /) -> Self:
        """What both add."""


Added = TypeVar("Added", bound=Addable)


class SharedWork(Struct, frozen=True):
    """What the work on all splits has in common."""

    columns: Sequence[Columns]  # each that is used, once
    policy: Policy
    plan: Plan
    known: Totals  # of no rows, but they keep no more than the totals of some splits together do
    versions: Versions = field(default_factory=Versions)

    @property
    def informing(self) -> bool:
        """Whether what is known of some splits makes the totals of others smaller."""
        return self.plan.breakdown

    def score(self, each: InputSplit) -> Totals:
        """The totals of a split; see `score_split`."""
        return score_split(self, each)

    def informed(self, totals: Totals) -> SharedWork:
        """For splits that will be merged with these totals: they need to keep no more. That makes them small."""
        return replace(self, known=totals.identity())


class InputSplit(Struct, frozen=True):
    """A split of an input."""

    number: int  # of the input
    source: Description
    columns: int  # which of the shared ones
    split: Split


def find_splits(source: Description, text_bytes: int, rows: int) -> list[Split]:
    """The splits of an input. One that cannot be read is all one split, whose reader will say why."""
    try:
        return list(source.open().splits(text_bytes, rows))
    except AccessError:
        return [WHOLE]


def score_split(work: SharedWork, each: InputSplit) -> Totals:
    """Score a split, with the input opened where this runs.

    Raises what the local engine raises for these rows, and `RequestError` where the versions differ.
    """
    refuse_versions(work.versions, Versions(), platform.node())
    columns = work.columns[each.columns]
    scorer = BlockScorer(work.plan.first_input + each.number, columns, work.policy, work.plan)
    scorer.begin(work.known.state)
    try:
        source = each.source.open()
        chunks = source.select(each.split).chunks(columns.projection)
        blocks = ((scorer, block) for chunk in chunks for block in chunk.blocks())
        totals = scorer.finish(add_blocks(blocks, work.known))
    except AccessError as error:
        raise with_worker(error) from error
    if each.split.exact and sum(totals.rows.values()) != each.split.rows:
        raise another_file(source)
    return totals


def merge_totals(totals: Sequence[Added]) -> Added:
    """What several add."""
    return reduce(lambda one, two: one.merge(two), totals)


def refuse_versions(wanted: Versions, found: Versions, where: str) -> None:
    """Results are the same in every bit only with the same code."""
    if wanted != found:
        raise RequestError(
            "versions",
            f"the worker on {where} has xentcli {found.xentcli} and NumPy {found.numpy}, "
            f"here are xentcli {wanted.xentcli} and NumPy {wanted.numpy}",
            hint="install the same versions on all machines: results would differ in their last digits",
        )


def with_worker(error: AccessError) -> AccessError:
    """The error of an input that cannot be read, with the machine that said so."""
    hint = error.hint or f"workers read the files themselves: {platform.node()} must have them at the same path"
    return AccessError(error.code, error.message, hint=hint, where=error.where, column=error.column)
