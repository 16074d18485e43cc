"""Strategies of the property tests: float64 of every size, and small prediction files of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.values import replace
from xentcli import score
from xentcli.api.frames import TableSource, of_arrays
from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.core.state import ScoreState
from xentcli.decoding.tally import EXAMPLES, Entry, Example, Tally
from xentcli.engine.scoring import BlockScorer, add_blocks
from xentcli.engine.totals import Plan, Totals
from xentcli.errors import Where
from xentcli.results.score import ScoreResult
from xentcli.sources.source import Block

law = settings()  # of every property, from tests/conftest.py


def examples(times: int) -> settings:
    """Settings of a property with so many times the examples of others: one that is cheap, or seldom met."""
    return settings(max_examples=times * settings().max_examples)


FloatArray = NDArray[np.float64]

finite = st.floats(allow_nan=False, allow_infinity=False)
float_lists = st.lists(finite, max_size=30)
losses = st.lists(st.floats(0, allow_nan=False, allow_infinity=False), max_size=30)
weights = st.floats(0.001, 1000) | st.sampled_from([0.1, 1.0, 3.0])
extreme_weights = weights | st.sampled_from([1e-150, 1e150])

# As many classes as are told apart in the code: one column, two, few, and enough to be summed pairwise by NumPy.
COLUMNS = (1, 2, 3, 12)
KINDS = {"probs": "prob", "logits": "logit", "log_probs": "logprob"}  # argument for arrays: option for columns


@dataclass(frozen=True, eq=False)
class Case:
    """Labels `(n,)` or soft labels `(n, K)`, scores `(n, K)`, weights `(n,)` or None.

    Scores `(n, 1)` are one column for class 1 of two.
    """

    kind: str  # one of KINDS
    labels: NDArray[Any]
    scores: FloatArray
    weights: FloatArray | None

    @property
    def classes(self) -> int:
        """K."""
        return max(2, int(self.scores.shape[1]))

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.labels)

    @property
    def soft(self) -> bool:
        """Whether the labels are distributions."""
        return self.labels.ndim == 2

    def take(self, rows: Any) -> Case:
        """The rows of these numbers, in this order."""
        chosen = None if self.weights is None else self.weights[rows]
        return replace(self, labels=self.labels[rows], scores=self.scores[rows], weights=chosen)

    def score(self, **options: Any) -> ScoreResult:
        """The result of the Python function."""
        given: dict[str, Any] = {self.kind: self.scores, "weights": self.weights, **options}
        return score(self.labels, **given)

    def state(self, policy: Policy | None = None) -> ScoreState:
        """The merged state of the rows, where the last bit of every row shows."""
        state = ScoreState.empty(self.classes)
        if self.rows:
            source, spec = of_arrays(self.labels, {KINDS[self.kind]: self.scores}, self.weights, ColumnSpec())
            [columns] = resolve_all([source], spec)
            for part in source.chunks(columns.projection):
                scorer = BlockScorer(0, columns, policy or Policy(), Plan())
                scorer.begin(state)
                blocks = ((scorer, block) for block in part.blocks())
                state = state.merge(scorer.finish(add_blocks(blocks, Totals.empty(self.classes))).state)
        return state


def cut_blocks(patch: pytest.MonkeyPatch, rows: int) -> None:
    """Let every chunk of an array come in blocks of so many rows, which are added to one state."""
    whole = TableSource._blocks

    def cut(source: TableSource, table: pa.Table, first: int) -> Iterator[Block]:
        for at in range(0, table.num_rows, rows):
            yield from whole(source, table.slice(at, rows), first + at)

    patch.setattr(TableSource, "_blocks", cut)


def random_case(kind: str, columns: int, *, rows: int, soft: bool = False, seed: int = 0) -> Case:
    """Rows of a model that is worth little, the same for each seed; a third of them have weight 0."""
    random = np.random.default_rng((columns, seed))
    classes = max(2, columns)
    z = random.normal(0, 3, (rows, classes))
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    scores = {"probs": q, "logits": z, "log_probs": np.log(q)}[kind][:, :columns]
    labels = random.dirichlet(np.ones(classes), rows) if soft else random.integers(0, classes, rows)
    return Case(kind, labels, scores, random.choice([0.0, 0.3, 1.0], rows))


def row(kind: str, columns: int) -> st.SearchStrategy[list[float]]:
    """The scores of one row; probabilities have 53 significant bits, zeros, ties, and a sum of 1."""
    if kind == "logits":
        close = st.integers(0, 3).map(lambda i: 1 + i / 2**12)  # losses of one cell of the grid
        usual = st.floats(-30, 30) | st.integers(-3, 3).map(float) | close
        low = st.sampled_from([-np.inf, -1e300, -1e4, -745.0]) if columns > 1 else st.just(-1e4)
        return st.builds(_with_one_finite, st.lists(usual | low, min_size=columns, max_size=columns), usual)
    if columns == 1:
        p = st.floats(0, 1) | st.integers(0, 15).map(lambda b: b / 15)
        return p.map(lambda x: [x] if kind == "probs" else [float(_log(np.array(x)))])
    return _shares(columns).map(lambda q: (q if kind == "probs" else _log(q)).tolist())


def _shares(classes: int) -> st.SearchStrategy[FloatArray]:
    counts = st.lists(st.integers(0, 10**6) | st.integers(0, 3), min_size=classes, max_size=classes)
    return counts.filter(any).map(lambda each: np.array(each) / sum(each))


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    columns: tuple[int, ...] = COLUMNS,
    weighted: bool | None = None,
    soft: bool | None = None,
) -> Case:
    """A file of 1 to 14 rows; with weights or soft labels, without, or (None) either."""
    kind, count = draw(st.sampled_from(sorted(KINDS))), draw(st.sampled_from(columns))
    scores = draw(st.lists(row(kind, count), min_size=1, max_size=14))
    is_soft = count > 1 and (draw(st.booleans()) if soft is None else soft)
    label = _shares(count) if is_soft else st.integers(0, max(2, count) - 1)
    has_weights = draw(st.booleans()) if weighted is None else weighted

    def column(values: st.SearchStrategy[Any]) -> NDArray[Any]:
        return np.array(draw(st.lists(values, min_size=len(scores), max_size=len(scores))))

    return Case(kind, column(label), np.array(scores), column(weights) if has_weights else None)


@st.composite
def models(draw: st.DrawFn, columns: tuple[int, ...] = COLUMNS) -> Case:
    """Logits that are multiples of 1/64 within 8 of 0, so that sums and differences of them are exact."""
    case = draw(cases(columns=columns))
    n, count = case.scores.shape
    logits = draw(st.lists(st.integers(-512, 512), min_size=n * count, max_size=n * count))
    return replace(case, kind="logits", scores=np.array(logits).reshape(n, count) / 64)


_places = st.builds(Where, st.just("file"), st.integers(1, 9))
_examples = st.builds(Example, st.tuples(st.integers(0, 2), _places), st.sampled_from(["y", "p"]), st.just("0.5"))
_entries = st.builds(
    lambda more, examples: Entry(len(examples) + more, tuple(sorted(examples)[:EXAMPLES])),
    st.integers(0, 9),
    st.lists(_examples, min_size=1, max_size=8),
)
_keys = st.sampled_from(
    [("row_sum", None), ("label_unknown", "a"), ("label_unknown", "b"), ("infinite_loss", None)]
)
tallies = st.builds(Tally, st.dictionaries(_keys, _entries))
read = st.dictionaries(st.integers(0, 2), st.integers(0, 99))


def totals(columns: int) -> st.SearchStrategy[Totals]:
    """What some rows of a file with plain labels and this many score columns add to a result."""
    seen = st.frozensets(st.tuples(st.integers(0, 1), st.sampled_from(["yes", "no", "1"])))
    return st.builds(Totals, cases(columns=(columns,), soft=False).map(Case.state), read, tallies, seen)


def _with_one_finite(logits: list[float], usual: float) -> list[float]:
    return [usual, *logits[1:]] if max(logits) == -np.inf else logits


def _log(q: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.log(q)
