"""Several models on the same rows, cut into splits: each holds the same rows of all of them."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from typing import Generic, Self

from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.engine.comparing.models import Models, ModelTotals, Part, compare_chunk
from xentcli.engine.dask.reopening import Description, another_file
from xentcli.engine.dask.splits import Versions, refuse_versions, with_worker
from xentcli.errors import AccessError, RequestError, Where
from xentcli.joining.join import OrderMatcher
from xentcli.joining.pairing import Pairing
from xentcli.joining.parts import Digests, OtherPart, digests_of, merge_digests, pair_part
from xentcli.sources.source import Split


class ModelSplit(Struct, frozen=True):
    """A split of the streamed input of this number, whose rows are those of the others from row `first` on."""

    number: int
    source: Description
    split: Split
    first: int


class ModelParts(Struct, Generic[Part], frozen=True):
    """What rows add, and what was seen of columns that may be ids. `merge` is commutative and associative."""

    totals: ModelTotals[Part]
    digests: tuple[Digests, ...]  # of each other input; none where all models are in one

    def merge(self, other: Self) -> Self:
        """What both add."""
        return type(self)(self.totals.merge(other.totals), merge_digests(self.digests, other.digests))

    def end(self, pairing: Pairing, splits: Sequence[Sequence[Split]]) -> None:
        """Tell a pairing what all its rows say."""
        rows = [sum(split.rows for split in each) for each in splits]
        for matcher, (own, other) in zip(pairing.matchers, self.digests, strict=True):
            assert isinstance(matcher, OrderMatcher)
            matcher.end_parts(rows, own, other)


class SharedModels(Struct, Generic[Part], frozen=True):
    """What the work on all splits has in common."""

    models: Models[Part]
    others: tuple[tuple[Description, OtherPart], ...]  # the inputs that are brought to the streamed one
    known: ModelTotals[Part]  # of no rows, as `SharedWork` has them
    versions: Versions = field(default_factory=Versions)

    @classmethod
    def of(cls, models: Models[Part], others: Sequence[Description]) -> Self:
        """The models, with the inputs of the others but the first."""
        parts = [
            OtherPart(columns[0], matcher.watched)
            for columns, matcher in zip(models.columns[1:], models.pairing.matchers, strict=False)
            if isinstance(matcher, OrderMatcher)
        ]
        alone = replace(models, pairing=Pairing(()))
        return cls(alone, tuple(zip(others, parts, strict=True)), models.empty)

    @property
    def informing(self) -> bool:
        """Whether what is known of some splits makes the totals of others smaller."""
        return self.models.plan.breakdown

    def informed(self, parts: ModelParts[Part]) -> Self:
        """For splits that will be merged with these: they need to keep no more."""
        known = tuple(each.identity() for each in parts.totals.models)
        return replace(self, known=replace(self.models.empty, models=known))

    def score(self, each: ModelSplit) -> ModelParts[Part]:
        """The rows of a split, scored by every model; raises as `score_split`."""
        refuse_versions(self.versions, Versions(), platform.node())
        try:
            return self._score(each)
        except AccessError as error:
            raise with_worker(error) from error

    def _score(self, each: ModelSplit) -> ModelParts[Part]:
        source = each.source.open()
        pairing = Pairing((source.select(each.split),))
        if self.others:
            others = [(description.open(), part) for description, part in self.others]
            pairing = pair_part(pairing.sources[0], each.first, each.split.rows, others)
        models = replace(self.models, pairing=pairing)
        columns = [columns for _, columns in models.of_input(each.number)]
        totals = models.empty
        for chunk in pairing.sources[0].chunks(pairing.projection(columns, models.id)):
            totals = totals.merge(compare_chunk(each.number, chunk, models, self.known))
        if each.split.exact and totals.rows != each.split.rows:
            raise another_file(source)
        return ModelParts(totals, digests_of(pairing))


def refuse_matched(pairing: Pairing) -> None:
    """Raise a `RequestError` for rows of several files that one machine must bring together: by an id."""
    if not all(isinstance(matcher, OrderMatcher) for matcher in pairing.matchers):
        raise RequestError(
            "engine", "rows of several files are matched by an id on one machine only",
            hint="--engine local; or, if all are Parquet with the same rows in the same order, leave out --on: "
            "columns of ids are checked",
        )  # fmt: skip


def refuse_other_counts(pairing: Pairing, splits: Sequence[Sequence[Split]]) -> None:
    """Raise an error unless every input knows its rows, and all have the same number.

    Raises `RequestError` for an input other than Parquet, `ContentError` where the numbers differ.
    """
    found = [(source.name, each) for source, each in zip(pairing.streamed, splits, strict=True)]
    others = [(source.name, [*source.splits(1, 1)]) for source in pairing.others]
    for name, each in (*found, *others):
        if not all(split.exact for split in each):
            message = "its rows are matched in order, which takes one machine unless all files are Parquet"
            hint = "--engine local; or write the scores of all models into one file"
            raise RequestError("engine", message, hint=hint, where=Where(name))
    rows = [sum(split.rows for split in each) for _, each in found]
    for matcher, (_, each) in zip(pairing.matchers, others, strict=True):
        assert isinstance(matcher, OrderMatcher)
        if sum(rows) != sum(split.rows for split in each):
            matcher.end_parts(rows, {}, {})
            matcher.finish()


def with_first_rows(splits: Sequence[Sequence[Split]]) -> Iterator[tuple[int, Split, int]]:
    """Each split with the number of its input before it, and behind it that of its first row among all."""
    first = 0
    for number, each in enumerate(splits):
        for split in each:
            yield number, split, first
            first += split.rows
