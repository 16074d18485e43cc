"""Several models on the same rows: each block of one input's rows comes with the same rows of all others.

The join is that of label files: another input takes the place of the labels, so what is used of it is held in
memory and the first is streamed; ids that are missing, extra or duplicated are refused at the end, with counts and
places. Models whose scores stand in one input need no join, and nothing is held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

import numpy as np
from msgspec import Struct

from xentcli.columns.columns import OPTIONS, Columns
from xentcli.columns.labels import NO_CLASS, POSITIVES, LabelCoder, normal_spelling
from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, Notice, RequestError, Where
from xentcli.joining.id_columns import IdColumns
from xentcli.joining.id_index import NO_ROW, IdIndex
from xentcli.joining.join import match_rows
from xentcli.joining.joined_source import Matcher, matched_chunks
from xentcli.joining.label_file import LabelFile, with_id
from xentcli.sources.source import Block, Chunk, Projection, Source, SourceWrapper
from xentcli.wording import few, typed

_STAND_IN = "CLASS"  # in a hint, for the name of a class
_TEXTS = ("csv", "jsonl")  # formats that tell their rows by line


class ModelBlock(Block, frozen=True, eq=False, kw_only=True):
    """Rows of the streamed input, and the same rows as the others have them: columns, and where they stand."""

    others: tuple[Block, ...]


class OtherModel(Struct, frozen=True, eq=False):
    """An input whose rows are brought to those of the streamed one."""

    source: Source
    columns: Columns
    on: IdColumns | None  # the columns of ids in this input and in the streamed one; None: rows meet in order
    used: Collection[str] = ()  # columns of either that are no ids


class _PairedSource(SourceWrapper):
    """An input whose blocks come with those of the others, which `matchers` find; `id` is its own id column."""

    def __init__(
        self, source: Source, number: int, matchers: Sequence[Matcher], others: Sequence[Columns], id: str | None
    ) -> None:
        super().__init__(source)
        self._number, self._matchers, self._others, self._id = number, matchers, others, id

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The chunks of its own columns, in `ModelBlock`s."""
        if self._id is not None:  # before the others are read, which may have the same to say
            projection = with_id(projection, self._id, self.name)
        wanted = [columns.projection for columns in self._others]
        held = list(zip([matcher.labels for matcher in self._matchers], wanted, strict=True))
        for file, columns in held:
            file.load(columns)

        def pair(block: Block, rows: Sequence[IndexArray]) -> Block:
            others = tuple(_rows_of(*each, at) for each, at in zip(held, rows, strict=True))
            return ModelBlock(block.rows, block.columns, block.where, block.numbers, block.spelled, others=others)

        yield from matched_chunks(self._matchers, self._number, projection, pair)


def _rows_of(file: LabelFile, wanted: Projection, rows: IndexArray) -> Block:
    """Some rows of a file in memory, and where they stand in it."""
    source = file.source

    def where(row: int) -> Where:
        if rows[row] == NO_ROW:  # it has not met its own
            return Where(source.name)
        number = int(file.numbers[rows[row]])
        return Where(source.name, line=number) if source.format in _TEXTS else Where(source.name, row=number)

    return Block(rows.size, file.take(wanted, rows), where, lambda: file.numbers[rows])


class Pairing(Struct, frozen=True, eq=False):
    """Inputs whose blocks come with the rows of the other models."""

    sources: Sequence[Source]
    matchers: tuple[Matcher, ...] = ()  # none where all models stand in one input

    @classmethod
    def of(cls, streamed: Sequence[Source], others: Sequence[OtherModel]) -> Pairing:
        """Rows meet where their ids are the same text; without ids, in order.

        Raises `RequestError` where the id is lacking, `ContentError` for an id that has no text.
        """
        known: list[IdIndex] = []
        matchers = [_matcher(streamed, other, known) for other in others]
        id = next((other.on.right for other in others if other.on is not None), None)
        return cls.of_matchers(streamed, matchers, [other.columns for other in others], id)

    @classmethod
    def of_matchers(
        cls,
        streamed: Sequence[Source],
        matchers: Sequence[Matcher],
        others: Sequence[Columns],
        id: str | None = None,
    ) -> Pairing:
        """Rows meet as `matchers` find them, of other models with these columns; `id` is that of the streamed."""
        paired = [_PairedSource(source, number, matchers, others, id) for number, source in enumerate(streamed)]
        return cls(paired, tuple(matchers))

    @property
    def streamed(self) -> Sequence[Source]:
        """The inputs by themselves."""
        return self.matchers[0].predictions if self.matchers else self.sources

    @property
    def others(self) -> Sequence[Source]:
        """The inputs that are brought to them."""
        return [matcher.labels.source for matcher in self.matchers]

    def projection(self, models: Sequence[Columns], id: str | None) -> Projection:
        """What to read of the streamed input for the `models` that are in no other; `id` names a row."""
        found = [columns.projection for columns in models[: len(models) - len(self.matchers)]]
        numbers = _once(*(name for each in found for name in each.numbers))
        lists = _once(*(name for each in found for name in each.lists))
        labels = [name for each in found for name in each.labels if name not in numbers]
        if id is not None and id not in (*numbers, *lists):
            labels.append(id)
        return Projection(_once(*labels), numbers, lists)

    def blocks(self, block: Block, models: int) -> tuple[Block, ...]:
        """The rows of a block of `sources` as each of so many models has them."""
        if not self.matchers:
            return (block,) * models
        assert isinstance(block, ModelBlock)
        return (block, *block.others)

    def notices(self) -> Iterator[Notice]:
        """Once all has been read: what leaves it in doubt that the rows met as they should."""
        return chain.from_iterable(matcher.notices() for matcher in self.matchers)

    def finish(self) -> None:
        """Once all has been read: raise an error if not all inputs hold the same rows."""
        try:
            for matcher in self.matchers:
                matcher.finish()
        except ContentError as error:
            if error.code in ("ids_extra", "ids_missing", "ids_duplicated"):  # the hint speaks of labels
                error.hint = _hint(error)
            raise


def _matcher(streamed: Sequence[Source], other: OtherModel, known: list[IdIndex]) -> Matcher:
    on = other.on
    file = LabelFile(other.source, None if on is None else on.left, numbered=True, known=known)
    ids = None if on is None else IdColumns(on.right, on.left)  # the other takes the place of the labels
    return match_rows(streamed, file, ids, allow_extra=False, used=other.used, models=True)


def _once(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _hint(error: ContentError) -> str | None:
    """What to do about ids that differ, unless it is known that they are spelled otherwise, or no ids."""
    if error.code == "ids_duplicated":
        return None
    known = error.hint is not None and error.hint.startswith(("ids are matched", "no id"))
    return error.hint if known else "models are compared on the same rows: leave out those that only one file has"


def class_map(new: Columns, base: Columns, name: str, of: str, *, several: bool = False) -> IndexArray:
    """For each class of BASE, by number, its number among NEW's; empty for tokens.

    `name` is BASE's file, `of` NEW's. Where one score column leaves the names of its two classes to the labels,
    what is settled here is which of them each column is of; rows whose labels then differ tell if it is not.
    Raises `ContentError` for labels of another kind and for other classes; of `several` models the options that
    name columns are those of all.
    """
    if base.label_kind != new.label_kind:
        raise _inputs_differ(f"holds {base.label_kind} labels, and {of} {new.label_kind} ones", name)
    if new.tokens:
        return np.empty(0, np.intp)
    if base.class_count != new.class_count:
        raise _inputs_differ(f"has scores of {base.class_count} classes, and {of} of {new.class_count}", name)
    if new.classes is not None and base.classes is not None:
        return _classes_by_name(new.classes, base.classes, name, of, several=several)
    known = new.classes or base.classes
    if known is None:
        same = _positive(base) == _positive(new) or {base.positive, new.positive} == {None}
    else:
        positive = _positive(base if base.classes is None else new)
        place = LabelCoder(known, False).index(positive)
        if place == NO_CLASS:
            raise _inputs_differ(f'has the classes {", ".join(known)}: none is "{positive}"', name)
        same = place == 1
    return np.arange(2) if same else np.arange(2)[::-1]


def refuse_unlike_columns(new: Columns, base: Columns, name: str) -> None:
    """Raise a `RequestError` where both have one score column and their names do not say whether of one class.

    Labels would tell, and there are none. `name` is BASE's file.
    """
    if not (new.single and base.single):
        return
    mine, theirs = new.scores.names[0], base.scores.names[0]
    if new.stated and new.positive == base.positive == _STAND_IN:
        message = f'"{_STAND_IN}" stands for the name of a class, that of the column'
        raise RequestError("positive", message, hint=f"--prob yes={mine} if it is the probability of yes")
    if _positive(new) == _positive(base) or (new.stated and base.stated):
        return
    message = f'cannot tell whether "{theirs}" and "{mine}" are of the same class: no label is used'
    own, other = typed(OPTIONS[new.kind], f"{_STAND_IN}={mine}"), f"{_STAND_IN}={theirs}"
    hint = f"{own} and {typed(OPTIONS[base.kind].replace('--', '--base-'), other)} name the class of each"
    raise RequestError("positive", message, hint=hint, where=Where(name))


def _positive(columns: Columns) -> str:
    """The class that a single score column is of, in its loosest spelling; 1 where labels tell."""
    positive = normal_spelling(columns.positive or "1")
    return "1" if positive in POSITIVES else positive


def _classes_by_name(new: Sequence[str], base: Sequence[str], name: str, of: str, *, several: bool) -> IndexArray:
    coder = LabelCoder(tuple(new), False)
    found = [coder.index(each) for each in base]
    if sorted(found) != list(range(len(new))):
        more = [each for each, place in zip(base, found, strict=True) if place == NO_CLASS]
        fewer = [each for place, each in enumerate(new) if place not in found]
        parts = [f"{verb} {few(names, 10, '')}" for verb, names in (("has", more), ("lacks", fewer)) if names]
        message = f"has other classes than {of}: {' and '.join(parts)}"
        hint = "--prob CLASS=COL,... says which column is of which class"
        hint += ", alike in all files" if several else "; of BASE --base-prob, likewise"
        raise _inputs_differ(message, name, hint)
    return np.array(found)


def _inputs_differ(message: str, name: str, hint: str | None = None) -> ContentError:
    return ContentError("inputs_differ", message, hint=hint, where=Where(name))
