"""What the tokens of each document add up to, by the name of the document."""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct, field

from xentcli.core.batch import RowScores
from xentcli.core.clusters import ClusterRows, Clusters, digests
from xentcli.core.exact import ONE, ratio
from xentcli.decoding.categorical import Categorical

_SUMS = 5
MOST_DOCUMENTS = 1 << 16  # beyond, none are listed


class DocumentTotals(Struct, frozen=True):
    """One document: tokens, and sums over them: weights, weight times loss, infinite losses, bytes."""

    name: str
    tokens: int
    weight: float
    loss: float  # nats, of the finite ones
    infinite: int
    bytes: float | None


class Documents(Struct, frozen=True):
    """The totals of documents and their names; too many have neither.

    `merge` is commutative and associative with `Documents()` as identity.
    """

    names: frozenset[str] = frozenset()
    sums: Clusters = field(default_factory=Clusters)
    too_many: bool = False

    def merge(self, other: Self) -> Self:
        """The documents of both sets of rows."""
        names = self.names | other.names
        if self.too_many or other.too_many or len(names) > MOST_DOCUMENTS:
            return type(self)(too_many=True)
        return type(self)(names, self.sums.merge(other.sums))

    def fit(self) -> bool:
        """Whether the names are those of the totals."""
        whole = self.sums.whole
        if whole is None:
            return not self.names
        keys = digests(sorted(self.names))
        same = keys.shape == whole.keys.shape and (keys[:, np.lexsort(keys[::-1])] == whole.keys).all()
        return bool(same) and len(whole.sums) == _SUMS

    def totals(self, sized: bool) -> list[DocumentTotals]:
        """Each document, in no order that means anything; `sized` if tokens have bytes."""
        whole = self.sums.whole
        if whole is None:
            return []
        names = sorted(self.names)
        order = np.lexsort(digests(names)[::-1])
        columns = [[ratio(total, ONE) for total in each.totals()] for each in whole.sums]
        return [
            DocumentTotals(names[at], int(tokens), weight, loss, int(infinite), size if sized else None)
            for at, tokens, weight, loss, infinite, size in zip(order.tolist(), *columns, strict=True)
        ]


class DocumentRows:
    """The documents of rows that are being scored."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._rows = ClusterRows()

    def add(self, rows: RowScores, documents: Categorical[str | None]) -> None:
        """Add the losses of rows; row i is of document `values[codes[i]]`, which is not None."""
        if len(self._names) > MOST_DOCUMENTS:
            return
        self._names |= {documents.values[code] or "" for code in np.unique(documents.codes).tolist()}
        weights = np.ones(rows.loss.size) if rows.weights is None else rows.weights
        finite = np.isfinite(rows.loss)
        sizes = np.zeros(rows.loss.size) if rows.sizes is None else rows.sizes
        loss = np.where(finite, rows.loss, 0.0) * weights
        self._rows.add([weights, loss, (~finite).astype(float), sizes], None, documents.codes, documents.values)

    def totals(self) -> Documents:
        """Of all documents that were met."""
        if len(self._names) > MOST_DOCUMENTS:
            return Documents(too_many=True)
        return Documents(frozenset(self._names), Clusters(self._rows.totals()))
