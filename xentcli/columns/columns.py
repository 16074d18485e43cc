"""What is asked about columns, and what is used: see `finder` for the way from one to the other."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from xentcli.columns.conditions import Condition
from xentcli.core.batch import InputKind
from xentcli.sources.source import Projection
from xentcli.units import LN2

OPTIONS = {InputKind.PROBABILITY: "--prob", InputKind.LOGIT: "--logit", InputKind.LOG_PROBABILITY: "--logprob"}
OF_FILE = " of "  # between a column's name and its file, where predictions and label file both have such a column


LOG_BASES = {"e": 1.0, "2": LN2, "10": 2.302585092994046}  # nats of 1


class ColumnSpec(Struct, frozen=True):
    """What was asked for; empty where xent is to find out."""

    label: str | None = None
    prob: tuple[str, ...] = ()
    logit: tuple[str, ...] = ()
    logprob: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    target_logit: tuple[str, ...] = ()  # in place of `target`: logits, of which the softmax is the soft label
    classes: tuple[str, ...] | None = None
    classes_in: str | None = None  # a list column that names the classes of each row's list of scores
    positive: str | None = None
    predicted: str | None = None
    weight: str | None = None
    bytes: str | None = None
    by: tuple[str, ...] = ()  # columns to slice by; a comma list crosses
    bins: tuple[tuple[str, tuple[float, ...]], ...] = ()  # edges of a column of numbers to slice by
    sliced: tuple[tuple[str, ...], ...] = ()  # columns crossed that requirements need, by their exact names
    cluster: str | None = None
    fold: str | None = None  # rows of one value are predicted by fits to the others
    doc: str | None = None  # the document of a token
    log_base: str | None = None  # of log-probabilities: one of LOG_BASES
    id: str | None = None
    show: tuple[str, ...] = ()
    multilabel: bool = False  # several labels a row, each true or false
    labels: MultiLabel | None = None  # those, once they are known
    class_column: str | None = None  # of a table in long format: the class that a row has the score of
    where: tuple[str, ...] = ()  # COL=VALUE or COL!=VALUE, of the rows that are read
    na: tuple[str, ...] = ()  # what stands for a missing value
    known: tuple[str, ...] | None = None  # the classes, where they are known without labels, which may be lacking
    unlabelled: bool = False  # no label is used unless `label` names it; one that is there only tells the classes

    @property
    def soft(self) -> tuple[str, ...]:
        """The columns of soft labels, in whatever form."""
        return self.target or self.target_logit


class MultiLabel(Struct, frozen=True):
    """Rows of several labels, each of which is true or false: they are scored as a row for each label."""

    names: tuple[str, ...]  # of the labels
    by: str  # the column of their names


class GroupColumns(Struct, frozen=True):
    """Columns that tell rows apart and score nothing."""

    by: tuple[tuple[str, ...], ...] = ()  # each: the columns whose values together are a slice
    bins: tuple[tuple[str, tuple[float, ...]], ...] = ()  # those of them that are numbers, with ascending edges
    cluster: str | None = None  # rows of one value depend on one another
    doc: str | None = None  # the document of a token
    id: str | None = None
    show: tuple[str, ...] = ()  # printed beside the rows that are listed
    where: tuple[Condition, ...] = ()  # what holds for the rows that are read
    fold: str | None = None  # of cross-fitting
    watched: str | None = None  # the id of each of several inputs, which may be the same in all

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns to read as text."""
        binned = {name for name, _ in self.bins}
        sliced = [name for names in self.by for name in names if name not in binned]
        named = [name for name in (self.cluster, self.doc, self.id, self.fold, self.watched) if name is not None]
        filtered = [each.column for each in self.where if each.column not in binned]
        return tuple(dict.fromkeys([*sliced, *named, *self.show, *filtered]))


class ScoreLayout(Enum):
    """How a row's scores lie: a column each, a list in one order, a struct, or a list with names of classes.

    Of tokens, which have no classes, a row may be a list of them.
    """

    COLUMNS = "columns"
    LIST = "list"
    STRUCT = "struct"
    NAMED = "named"
    TOKENS = "tokens"


class ScoreColumns(Struct, frozen=True):
    """Where the scores (or targets) of a row are, in the order of the classes."""

    names: tuple[str, ...]  # one for a list or struct, or for the positive class of two
    layout: ScoreLayout = ScoreLayout.COLUMNS
    size: int = 0  # length of a list
    order: tuple[str, ...] = ()  # fields of a struct, or the classes that a list names
    names_in: str = ""  # the column of the names of a list
    pair: tuple[str, ...] = ()  # or, in a list of structs, the fields of class and score

    @property
    def rows(self) -> int:
        """How many scores a row has: K, or 1 for one column of two classes."""
        return len(self.names) if self.layout is ScoreLayout.COLUMNS else self.size or len(self.order)

    @property
    def column_of(self) -> tuple[str, ...]:
        """For each score the column it is in."""
        return self.names if self.layout is ScoreLayout.COLUMNS else self.names * self.rows


class Columns(Struct, frozen=True):
    """What is used. `classes` is None for one score column until its labels have been read."""

    label: str | None  # None: targets, or tokens
    scores: ScoreColumns
    kind: InputKind
    classes: tuple[str, ...] | None
    positive: str | None  # None: the labels say (0/1, -1/1, false/true), or more than one score a row
    weight: str | None
    targets: ScoreColumns | None
    bytes: str | None
    detected: bool  # the score columns were found by name, not asked for
    ordered: bool  # --classes gives the order, so labels 0..K-1 may stand for classes
    keys: GroupColumns = GroupColumns()
    target_logits: bool = False  # the targets are logits
    nats: float = 1.0  # of 1 in the base of the log-probabilities
    listed_bytes: bool = False  # the bytes of tokens are lists, as the tokens are
    missing: tuple[str, ...] = ()  # what stands for a missing value, in addition to the empty field and null
    multilabel: MultiLabel | None = None
    predicted: str | None = None  # the one score is the probability of the class that stands in this column
    stated: bool = False  # an option said which class each score is of
    unlabelled: bool = False  # nothing says what the class of a row is

    @property
    def scores_of_row(self) -> int:
        """How many scored rows a row of the input has: one, or one for each of several labels."""
        return 1 if self.multilabel is None else len(self.multilabel.names)

    @property
    def single(self) -> bool:
        """One score stands for both of two classes."""
        return self.scores.rows == 1 and not self.tokens

    @property
    def tokens(self) -> bool:
        """The scores are of the true token, without classes."""
        return self.label is None and self.targets is None and not self.unlabelled

    @property
    def documents(self) -> bool:
        """Whether tokens are known to be of documents: one list each, or by a column."""
        return self.scores.layout is ScoreLayout.TOKENS or self.keys.doc is not None

    @property
    def clustered(self) -> bool:
        """Whether some rows depend on one another: those of a cluster, or the tokens of a document."""
        return self.keys.cluster is not None or self.documents

    @property
    def label_kind(self) -> str:
        """How a row says its class: "hard", "soft" or "token"."""
        return "token" if self.tokens else "hard" if self.targets is None else "soft"

    @property
    def class_count(self) -> int:
        """K; 0 for tokens."""
        return 0 if self.tokens else max(2, self.scores.rows)

    @property
    def projection(self) -> Projection:
        """The columns to read."""
        groups = [self.scores, *([self.targets] if self.targets else [])]
        nested = [name for group in groups if group.layout is not ScoreLayout.COLUMNS for name in group.names]
        nested += [group.names_in for group in groups if group.names_in]
        flat = [name for group in groups if group.layout is ScoreLayout.COLUMNS for name in group.names]
        binned = [name for name, _ in self.keys.bins]
        sizes = () if self.bytes is None else (self.bytes,)
        if self.listed_bytes:
            nested, sizes = [*nested, *sizes], ()
        weight = () if self.weight is None else (self.weight,)
        numbers = [*flat, *weight, *sizes, *binned]
        labels = [*(name for name in (self.label, self.predicted) if name is not None), *self.keys.texts]
        once = (name for name in dict.fromkeys(labels) if name not in numbers)  # numbers have a text as well
        return Projection(tuple(once), tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(nested)))


def parse_list(text: str) -> list[str]:
    """The items of a comma-separated list with CSV quoting: `a,"b,c"` is two items."""
    import csv
    import io

    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    return next(csv.reader(io.StringIO(text, newline="")), [])


def list_text(items: Iterable[str]) -> str:
    """The text that `parse_list` makes these items of."""
    import csv
    import io

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(items)
    return line.getvalue()


def split_lists(options: Iterable[str], names: Container[str]) -> list[str]:
    """The items of options that are lists; one that is a name itself stands for it, commas and all."""
    return [item for option in options for item in ([option] if option in names else parse_list(option))]


def reorder(scores: ScoreColumns, order: Sequence[int]) -> ScoreColumns:
    """The scores with class k taken from place `order[k]`; a list can only keep its order."""
    if scores.layout in (ScoreLayout.STRUCT, ScoreLayout.NAMED):
        return replace(scores, order=tuple(scores.order[k] for k in order))
    if scores.layout is ScoreLayout.LIST:
        return scores
    return replace(scores, names=tuple(scores.names[k] for k in order))
