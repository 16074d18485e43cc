"""Whether rows that meet by their places have ids that say otherwise.

Values never choose how rows meet, but they raise doubts: a column of distinct values in both inputs that are the
same set in another order is an id, and the rows do not belong together as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cached_property

import numpy as np
import pyarrow as pa
from msgspec import Struct

from xentcli.columns.peek import read_blocks
from xentcli.core.text import Words
from xentcli.errors import Notice, RequestError, Where
from xentcli.joining.id_columns import IdColumns, is_like_id, may_name_ids
from xentcli.joining.id_digest import NEARLY, IdDigest
from xentcli.joining.id_index import hashes, id_texts, is_id
from xentcli.sources.arrays import to_arrow
from xentcli.sources.source import Block, Column, Projection, Source
from xentcli.wording import typed

WatchedNames = tuple[tuple[str, ...], tuple[str, ...]]  # columns of the left and of the right

_LOOKED_AT, _WATCHED = 32, 4  # columns of an input: of the first block, and of all
_PLACES = re.compile(r"|unnamed: ?\d+|index|level_0|idx|row|row_?(?:nr|no|num|number)|line|n|no|nr|i|#|seq")
_ORDERED = ("rank", "quantile", "percent", "sort")  # parts of names of what a model makes of all rows together


class Relation(Enum):
    """How the values of two columns of distinct values relate."""

    SAME = "the same in each row"
    OTHER_ORDER = "the same values in another order"
    OVERLAPPING = "some of the values, mostly in other rows"
    MOSTLY = "most of the values, mostly in other rows"  # of two names, that may be those of one id
    APART = "no value is in both"
    ALIKE = "much the same"  # nothing to say


class RowOrder(Struct, frozen=True, eq=False, dict=True):
    """The columns that could be ids of `left` (inputs that are one) and `right`, and what became of them.

    `used` are columns that are something else. Of two models, `right` is BASE, and stands first in what is said.
    """

    left: Sequence[Source]
    right: Source
    used: frozenset[str] = frozenset()
    models: bool = False
    watched: WatchedNames | None = None  # where they are known; None: found in the first rows

    @cached_property
    def names(self) -> WatchedNames:
        """The columns to watch of each; none where only one input has any."""
        if self.watched is not None:
            return self.watched
        if any(source.name == self.right.name for source in self.left):  # two models in one file
            return (), ()
        candidates = [self._candidates(sources) for sources in (self.left, (self.right,))]
        if not all(candidates):
            return (), ()
        in_both = set(candidates[0]) & set(candidates[1])
        found = [
            [*_distinct(sources[0], _likeliest(names, in_both))][:_WATCHED]
            for sources, names in zip((self.left, (self.right,)), candidates, strict=True)
        ]
        return (tuple(found[0]), tuple(found[1])) if all(found) else ((), ())

    def _candidates(self, sources: Sequence[Source]) -> list[str]:
        """Columns of all these inputs that may hold ids, by their names and types."""
        first, *others = ({f.name for f in each.fields if may_be_id(f.type)} for each in sources)
        shared = first.intersection(*others) - self.used
        named = [f.name for f in sources[0].fields if f.name in shared and not f.unnamed]
        return [name for name in named if not any(part in name.casefold() for part in _ORDERED)]

    def begin(self, projection: Projection, first: int) -> dict[str, IdDigest]:
        """Digests, from row `first` on, of the columns of `left` that are not read as something else.

        None if nothing else is read.
        """
        if not projection.names:
            return {}
        taken = {*projection.numbers, *projection.lists}
        return {name: IdDigest(first) for name in self.names[0] if name not in taken}

    def conclude(self, left: dict[str, IdDigest], right: dict[str, IdDigest]) -> RowVerdict:
        """What all rows say."""
        own, other = ({name: each for name, each in of.items() if _are_ids(name, each)} for of in (left, right))
        pairs = [IdColumns(name, name) for name in own if name in other]
        pairs += [IdColumns(a, b) for a in own for b in other if a != b]
        relations = {pair: _relation(pair, own[pair.left], other[pair.right]) for pair in pairs}
        files = self.left[0].name, self.right.name
        if self.models:
            return RowVerdict(*files[::-1], {IdColumns(b, a): each for (a, b), each in relations.items()})
        return RowVerdict(*files, relations)


class RowVerdict(Struct, frozen=True):
    """How each pair of columns relates, of the file `left` and the file `right`; pairs of one name first."""

    left: str
    right: str
    relations: dict[IdColumns, Relation] = {}

    def refuse(self) -> None:
        """Raise a `RequestError` if ids show that rows which met do not belong together."""
        found = self._worst()
        if found is None or not self._certain(*found):
            return
        pair, relation = found
        how = "the same values in another order"
        if relation in (Relation.OVERLAPPING, Relation.MOSTLY):
            how = "some of the same values, but mostly in other rows"
        message = f"rows were matched in order, but {self._columns(pair)} hold {how}"
        raise RequestError("row_order", message, hint=self._hint(pair), where=Where(self.left))

    def notices(self) -> Iterator[Notice]:
        """What leaves it in doubt."""
        found = self._worst()
        if found is not None and not self._certain(*found):
            pair, relation = found
            how = "no value in common" if relation is Relation.APART else "few values in the same rows"
            message = f"rows were matched in order, but {self._columns(pair)} have {how}: are these the same rows?"
            yield Notice("ids_differ", 1, f"{message} {typed('--on', str(pair))} matches them by it", doubt=True)

    def id_columns(self) -> IdColumns | None:
        """Columns that probably are the ids of both."""
        likely = (Relation.OTHER_ORDER, Relation.MOSTLY, Relation.OVERLAPPING, Relation.SAME, Relation.ALIKE)
        of = ((likely.index(each), pair) for pair, each in self.relations.items() if each in likely)
        return min(of, key=lambda each: each[0], default=(0, None))[1]

    def _worst(self) -> tuple[IdColumns, Relation] | None:
        """The pair that speaks most against the order of the rows; None where one speaks for it."""
        if any(relation is Relation.SAME and _tells(pair) for pair, relation in self.relations.items()):
            return None
        for relation in (Relation.OTHER_ORDER, Relation.MOSTLY, Relation.OVERLAPPING, Relation.APART):
            for pair, each in self.relations.items():
                if each is relation and _is_doubtful(pair, relation):
                    return pair, relation
        return None

    def _certain(self, pair: IdColumns, relation: Relation) -> bool:
        overlapping = relation is Relation.OVERLAPPING and is_like_id(pair.left)
        return relation in (Relation.OTHER_ORDER, Relation.MOSTLY) or overlapping

    def _columns(self, pair: IdColumns) -> str:
        if pair.left == pair.right:
            return f'the columns "{pair.left}" of {self.left} and of {self.right}'
        return f'"{pair.left}" of {self.left} and "{pair.right}" of {self.right}'

    def _hint(self, pair: IdColumns) -> str:
        which = "that column" if pair.left == pair.right else "those columns"
        return f"{typed('--on', str(pair))} matches rows by {which}"


def _is_doubtful(pair: IdColumns, relation: Relation) -> bool:
    """Whether it says anything; columns of other names, or of no id's name, may well hold other values."""
    if relation in (Relation.OTHER_ORDER, Relation.MOSTLY):
        return True
    return pair.left == pair.right and (relation is Relation.OVERLAPPING or is_like_id(pair.left))


def _tells(pair: IdColumns) -> bool:
    """Whether equal values in all rows show that rows belong together; numbers of rows always are equal."""
    return not any(map(_numbers_rows, pair))


def _relation(pair: IdColumns, left: IdDigest, right: IdDigest) -> Relation:
    if left.values == right.values:
        if left.placed == right.placed:
            return Relation.ALIKE if left.counts and pair.left != pair.right else Relation.SAME
        numbered = any(map(_numbers_rows, pair))
        # The numbers of the rows of one file: written anew, they say nothing of those of the other.
        return Relation.ALIKE if numbered and (left.counts or right.counts) else Relation.OTHER_ORDER
    shared, in_place, seen = left.overlap(right)
    if not shared:
        return Relation.APART
    if shared < 2 or 2 * in_place >= seen:
        return Relation.ALIKE
    if pair.left == pair.right:
        return Relation.OVERLAPPING
    named = all(may_name_ids(name) or _numbers_rows(name) for name in pair)
    mostly = named and 2 * shared > seen and not (left.counts or right.counts)
    return Relation.MOSTLY if mostly else Relation.OVERLAPPING


def _numbers_rows(name: str) -> bool:
    """Whether a column is called as the numbers of rows are."""
    return _PLACES.fullmatch(name.casefold()) is not None


def _are_ids(name: str, digest: IdDigest) -> bool:
    """Whether a column holds ids; a slip or two in what is called so does not hide that they are."""
    return digest.distinct or (is_like_id(name) and digest.nearly_distinct)


def may_be_id(kind: pa.DataType | None) -> bool:
    """Whether a column of this type may hold ids: no fractions; None is text."""
    if kind is None:
        return True
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return is_id(kind) and not pa.types.is_floating(value) and not pa.types.is_decimal(value)


def _likeliest(names: Sequence[str], in_both: set[str]) -> list[str]:
    """Those in both inputs first, then those that are called like ids."""
    order = sorted(names, key=lambda name: (name not in in_both, not is_like_id(name)))
    return order[:_LOOKED_AT]


def is_distinct(source: Source, name: str) -> bool:
    """Whether a column could hold ids: of a type that has them, and of distinct values in the first rows."""
    kind = next(field.type for field in source.fields if field.name == name)
    return may_be_id(kind) and name in _distinct(source, [name])


def _distinct(source: Source, names: Sequence[str]) -> Iterator[str]:
    """Those whose values in the first block are all there and all different; of ids by name, nearly all."""
    block = next(read_blocks(source, Projection(tuple(names), ())), None)
    if block is not None:
        yield from (name for name in names if _differ(block, block.columns[name], nearly=is_like_id(name)))


def _differ(block: Block, column: Column, *, nearly: bool) -> bool:
    if isinstance(column, Words):
        found, missing = column.ends.size - 1, int(np.count_nonzero(column.codes <= 0))
    else:
        values = to_arrow(column)
        if not pa.types.is_dictionary(values.type):
            values = values.dictionary_encode()
        found, missing = len(values.dictionary), values.null_count
    least = NEARLY * block.rows if nearly else block.rows
    return found >= least and block.rows - missing >= least


def shared_id(sources: Sequence[Source], names: Sequence[str]) -> str | None:
    """One of these columns that holds ids, and whose first values in both inputs have some in common."""
    both = [{f.name: f.type for f in source.fields} for source in sources]
    named = [name for name in names if all(may_be_id(types[name]) for types in both)]
    for name in _likeliest(sorted(named), set())[:_WATCHED]:
        blocks = [next(read_blocks(source, Projection((name,), ())), None) for source in sources]
        texts = [id_texts(block.columns[name]) for block in blocks if block is not None]
        if len(texts) < len(blocks) or any(IdDigest.of(each).counts for each in texts):
            continue  # numbers of rows begin anew in each part of a data set
        if set(hashes(texts[0]).tolist()) & set(hashes(texts[1]).tolist()):
            return name
    return None
