"""The arguments of the Python functions: each named once, with its type, what it means and its default.

Type checkers read the groups below; signatures, docstrings and the refusal of unknown names come from them too.
They mirror the groups of options in `xentcli.cli.groups`.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from inspect import Parameter
from typing import Annotated, Any, Literal, SupportsBytes, TypedDict, get_args, get_origin, get_type_hints

from msgspec import Struct
from numpy.typing import ArrayLike

from xentcli.results.pictures import Axis, BandKind
from xentcli.units import Unit

Path = str | os.PathLike[str]
Names = str | Sequence[str]
UnitName = Unit | Literal["nats", "bits", "bans"]
Missing = Literal["error", "skip"]
EngineName = Literal["local", "dask"]
InputFormat = Literal["csv", "tsv", "jsonl", "parquet", "arrow", "npy"]
MethodName = Literal[
    "auto", "offset", "temperature", "affine", "slope_offsets", "vector", "beta", "isotonic", "prior", "none"
]
KindName = Literal["probability", "logit", "log_probability"]
LogBase = Literal["e", "2", "10", 2, 10]


class ArrayArguments(TypedDict, total=False):
    """Scores in memory, beside which the labels are the first argument."""

    probs: Annotated[
        ArrayLike | None, "probabilities: (n,) of the positive class, or (n, K) in the order of classes"
    ]
    logits: Annotated[ArrayLike | None, "logits, of the same shapes"]
    log_probs: Annotated[ArrayLike | None, "log-probabilities, of the same shapes; of tokens (n,)"]
    weights: Annotated[ArrayLike | None, "weights of the rows (n,), >= 0"]


class ModelArrayArguments(TypedDict, total=False):
    """Scores in memory of several models by their names, beside which the labels are the first argument."""

    probs: Annotated[
        Mapping[str, ArrayLike] | None,
        "probabilities by model: (n,) of the positive class, or (n, K) in the order of classes",
    ]
    logits: Annotated[Mapping[str, ArrayLike] | None, "logits by model, of the same shapes"]
    log_probs: Annotated[
        Mapping[str, ArrayLike] | None, "log-probabilities by model, of the same shapes; of tokens (n,)"
    ]
    weights: Annotated[ArrayLike | None, "weights of the rows (n,), >= 0"]


_Arrays = ArrayLike | Mapping[str, ArrayLike] | None


class AnyArrayArguments(TypedDict, total=False):
    """Scores in memory of one model, or of several by their names."""

    probs: Annotated[
        _Arrays, "probabilities: (n,) of the positive class, or (n, K); of several models a dict of such by name"
    ]
    logits: Annotated[_Arrays, "logits, likewise"]
    log_probs: Annotated[_Arrays, "log-probabilities, likewise; of tokens (n,)"]
    weights: Annotated[ArrayLike | None, "weights of the rows (n,), >= 0"]


class ReadingArguments(TypedDict, total=False):
    """Which columns are the scores and the label, and how the inputs are read."""

    label: Annotated[str | None, "column of the true class; None: found by its name, as all columns are"]
    prob: Annotated[
        Names, "columns of probabilities: a name, a pattern or a list; CLASS=COL says of which class", ()
    ]
    logit: Annotated[Names, "columns of logits, likewise", ()]
    logprob: Annotated[Names, "columns of log-probabilities, likewise", ()]
    classes: Annotated[Sequence[str] | None, "the classes in the order of the scores; None: by name, or 0 to K-1"]
    classes_in: Annotated[str | None, "list column that names the classes of each row's list of scores"]
    positive: Annotated[str | None, "the class that a single score is of"]
    log_base: Annotated[LogBase | None, "base of log-probability columns; None: e"]
    na: Annotated[Names, "what stands for a missing value, in addition to the empty field: texts or numbers", ()]
    delimiter: Annotated[str | None, 'field separator of text (" ": any run of blanks); None: the header tells']
    decimal: Annotated[str, "decimal mark of text", "."]
    comment: Annotated[str | None, 'leave out lines of text that begin with this character, such as "#"']
    skip_lines: Annotated[int, "leave out so many lines of text, above the header", 0]
    header: Annotated[bool, 'text has a header; False: columns are named "0", "1", ...', True]
    input_format: Annotated[InputFormat | None, "instead of what the content tells"]


class InputArguments(ReadingArguments, total=False):
    """Which columns are what, and how the inputs are read."""

    predicted: Annotated[
        str | None, "column of predicted classes: a single score is the probability of the one there"
    ]
    target: Annotated[Names, "columns of soft labels, instead of label", ()]
    target_logit: Annotated[Names, "columns of a teacher's logits: soft labels by softmax", ()]
    weight: Annotated[str | None, "column of row weights, >= 0"]
    bytes: Annotated[str | None, "column of the bytes of each token, for bits per byte"]
    multilabel: Annotated[
        bool, 'several labels a row, each 0 or 1: label="y_*", prob="p_*" match by their stars', False
    ]
    class_column: Annotated[str | None, "column of the class, in long format: a row for each id and class"]
    where: Annotated[
        Names, 'only rows with this value, "split=test", or without it, "split!=test"; all must hold', ()
    ]
    doc: Annotated[str | None, "column of the document of each token"]
    labels: Annotated[Path | None, "file with the labels that the predictions lack"]
    on: Annotated[str | None, 'id column that matches rows, "left=right" where it has two names; None: row by row']
    allow_extra: Annotated[bool, "the file of labels may have ids without a prediction", False]


class SlicingArguments(TypedDict, total=False):
    """How rows are grouped."""

    by: Annotated[Names, 'columns to slice by; "a,b" crosses two', ()]
    bins: Annotated[Mapping[str, Sequence[float]] | None, "ascending edges of columns of numbers to slice by"]
    cluster: Annotated[str | None, "column whose values mark rows that depend on one another"]


class StatedArguments(TypedDict, total=False):
    """Which predictions are taken."""

    missing: Annotated[
        Missing, 'rows with a missing label or score: refuse them, or "skip" and count them', "error"
    ]
    normalize: Annotated[bool, "divide probabilities, and soft labels, by the sum of their row", False]
    sum_tolerance: Annotated[float, "how far the probabilities of a row may miss a sum of 1", 0.01]


class CountedArguments(StatedArguments, total=False):
    """Which rows count and how much, and how fast; threads change no number."""

    ignore_label: Annotated[Names, "leave out rows with these labels, and count them", ()]
    class_weight: Annotated[Mapping[str, float] | None, "the weight of each class; of others 1"]
    threads: Annotated[int | None, "None: the cores of this process; changes no number"]


class UnitArguments(TypedDict, total=False):
    """In which unit."""

    unit: Annotated[UnitName, "of every amount of information", Unit.NATS.value]


class RowArguments(CountedArguments, UnitArguments, total=False):
    """Both."""


class LossArguments(TypedDict, total=False):
    """What is done to row losses."""

    clip: Annotated[float | None, "row losses from probabilities in [clip, 1 - clip]; between 0 and 0.5"]
    label_smoothing: Annotated[
        float, "eps: row losses against 1 - eps of the label and eps of all classes alike", 0.0
    ]


class PolicyArguments(RowArguments, LossArguments, total=False):
    """Which rows count, what is done to their losses, and in which unit."""


class EngineArguments(TypedDict, total=False):
    """Where rows are scored; the numbers are the same in every bit."""

    engine: Annotated[EngineName, 'score here, or on the workers of a "dask" cluster', "local"]
    scheduler: Annotated[str | None, "tcp://HOST:PORT of the cluster; None: processes of this machine"]


class PriorArguments(TypedDict, total=False):
    """What skill is measured against, and whether the classes are in an order."""

    prior: Annotated[
        Mapping[str, float] | Path | None,
        "class mix that skill is measured against, or a file to count; None: the rows'",
    ]
    ordinal: Annotated[bool, "the classes are in the order of classes=, else that of numbers: adds rps", False]


class BreakdownArguments(TypedDict, total=False):
    """Whether the loss is broken down."""

    breakdown: Annotated[bool, "break the log loss down into label entropy, discrimination, miscalibration", True]


class CurveArguments(TypedDict, total=False):
    """Whether there is a reliability curve."""

    reliability: Annotated[bool, "the result has a reliability curve with a band of chance", False]


class RequireArguments(TypedDict, total=False):
    """What is required of the numbers."""

    require: Annotated[Names, 'requirements such as "log_loss <= 0.35", "recall[cat] >= 0.9"; none raises', ()]
    confidence: Annotated[
        float | None, "test each limit at this level, between 0.5 and 1; None: compare the number"
    ]


class AnytimeArguments(TypedDict, total=False):
    """How often the difference of models is looked at."""

    anytime: Annotated[
        int | None, "intervals valid at every look, tightest at so many rows or clusters; None: at one look"
    ]


class BaselineArguments(TypedDict, total=False):
    """What numbers are held against."""

    baseline: Annotated[
        Path | None, 'saved to_json() or state of a score, for limits such as "log_loss <= baseline + 0.01"'
    ]


class StateArguments(TypedDict, total=False):
    """The state to be saved."""

    save_state: Annotated[Path | None, "file for the state, which merge() makes a whole of"]


class ShardArguments(TypedDict, total=False):
    """The place of a state among all that will be merged."""

    shard: Annotated[int | None, "number of this part among all that will be merged, from 0"]


class NameArguments(TypedDict, total=False):
    """What a table in memory is called."""

    name: Annotated[str | None, 'name of a table or arrays in memory; None: "dataframe", "table" or "arrays"']


class BaseColumnArguments(TypedDict, total=False):
    """The score columns of BASE, where they are not called as those of NEW."""

    base_prob: Annotated[Names, "columns of BASE's probabilities, where they are not those of NEW", ()]
    base_logit: Annotated[Names, "columns of BASE's logits, likewise", ()]
    base_logprob: Annotated[Names, "columns of BASE's log-probabilities, likewise", ()]


class BaseArguments(BaseColumnArguments, total=False):
    """The scores of BASE."""

    base_probs: Annotated[ArrayLike | None, "BASE's probabilities in memory: (n,) or (n, K)"]
    base_logits: Annotated[ArrayLike | None, "BASE's logits, likewise"]
    base_log_probs: Annotated[ArrayLike | None, "BASE's log-probabilities, likewise"]


class ListingArguments(TypedDict, total=False):
    """Which rows are listed, with what."""

    n: Annotated[int, "how many rows", 20]
    show: Annotated[Names, "columns to show beside each row", ()]


class _Scored(
    ArrayArguments, InputArguments, SlicingArguments, PolicyArguments, EngineArguments, PriorArguments,
    BreakdownArguments, RequireArguments, BaselineArguments, total=False,
):  # fmt: skip
    """What `score` and `gate` share."""


class GateArguments(_Scored, CurveArguments, NameArguments, total=False):
    """Those of `gate`."""


class ScoreArguments(_Scored, CurveArguments, NameArguments, StateArguments, ShardArguments, total=False):
    """Those of `score`."""


class PartArguments(
    ArrayArguments, InputArguments, SlicingArguments, CountedArguments, LossArguments, EngineArguments,
    PriorArguments, BreakdownArguments, NameArguments, ShardArguments, total=False,
):  # fmt: skip
    """Those of `score_state`."""


class CompareArguments(
    ArrayArguments, BaseArguments, InputArguments, SlicingArguments, PolicyArguments, EngineArguments,
    BreakdownArguments, AnytimeArguments, RequireArguments, StateArguments, total=False,
):  # fmt: skip
    """Those of `compare`."""


class PageArguments(TypedDict, total=False):
    """What a page holds beside the scores."""

    base: Annotated[Any, "another model on the same rows, to compare with: as the data is given"]
    title: Annotated[str | None, "title of the page; None: the names of the inputs"]


class ReportArguments(PageArguments, BaseArguments, _Scored, total=False):
    """Those of `report`."""


class RankingArguments(TypedDict, total=False):
    """Which models there are, and how sure the ranking is to be."""

    models: Annotated[
        Mapping[str, str] | None, "models side by side in one input: the columns of each, by its name, as for prob"
    ]
    base: Annotated[str | None, "the name of the model that others are compared with; None: the best"]
    level: Annotated[float, "how often ranks and intervals are to hold, between 0.5 and 1", 0.95]


class RankArguments(
    RankingArguments, ModelArrayArguments, InputArguments, SlicingArguments, PolicyArguments, EngineArguments,
    BreakdownArguments, AnytimeArguments, RequireArguments, StateArguments, total=False,
):  # fmt: skip
    """Those of `rank`."""


class PredictionArguments(ReadingArguments, total=False):
    """Which columns are the scores of two models, and how their rows meet."""

    weight: Annotated[str | None, "column of row weights, >= 0"]
    where: Annotated[
        Names, 'only rows with this value, "split=test", or without it, "split!=test"; all must hold', ()
    ]
    on: Annotated[str | None, 'id column that matches rows, "left=right" where it has two names; None: row by row']
    kind: Annotated[KindName, "what arrays hold", "probability"]
    base_kind: Annotated[KindName | None, "what the array of BASE holds; None: what that of NEW does"]


class MovedGatingArguments(TypedDict, total=False):
    """What is required of how far a model has moved."""

    require: Annotated[Names, 'requirements such as "kl <= 0.01", "same_top >= 0.98"; none raises', ()]
    confidence: Annotated[
        float | None, "test each limit at this level, between 0.5 and 1; None: compare the number"
    ]
    threads: Annotated[int | None, "None: the cores of this process; changes no number"]
    unit: Annotated[UnitName, "of every amount of information", Unit.NATS.value]


class DivergenceArguments(
    BaseColumnArguments, PredictionArguments, SlicingArguments, StatedArguments, EngineArguments,
    MovedGatingArguments, StateArguments, total=False,
):  # fmt: skip
    """Those of `divergence`."""


class WorstArguments(
    ListingArguments, ArrayArguments, InputArguments, PolicyArguments, EngineArguments, StateArguments, total=False
):
    """Those of `worst`."""


class FittingArguments(TypedDict, total=False):
    """What is fitted, and which rows a fit has not seen."""

    method: Annotated[MethodName, "how to recalibrate; auto: the best, if any is shown to help", "auto"]
    folds: Annotated[int | None, "folds of rows, by chance; None: 5"]
    fold_column: Annotated[str | None, "column of the fold of each row, instead"]
    folds_forward: Annotated[str | None, "column such as a date: each fold is predicted from those before it"]
    cluster: Annotated[str | None, "column whose values mark rows that depend on one another and stay in one fold"]
    prior_from: Annotated[
        Mapping[str, float] | Path | None,
        "class frequencies that the predictions are calibrated for, or a file to count; None: the rows'",
    ]
    prior_to: Annotated[
        Mapping[str, float] | Path | None, 'those of the rows to come; "estimate": from the predictions themselves'
    ]
    kept: Annotated[Mapping[str, float] | None, "what share of the rows of each class was kept for training"]
    require: Annotated[Names, 'requirements such as "gain >= 0.005", "gain_low >= 0"; none raises', ()]
    save: Annotated[Path | None, "file for the recalibration, which apply() takes"]
    cross_fit: Annotated[Path | None, "where the files go, each row recalibrated by a fit that has not seen it"]


class CalibrateArguments(
    FittingArguments, ArrayArguments, InputArguments, RowArguments, EngineArguments, total=False
):
    """Those of `calibrate`."""


class WritingArguments(TypedDict, total=False):
    """What is written, and where."""

    output: Annotated[Path | None, "file to write, of several files a folder; None: of tables and arrays"]
    suffix: Annotated[str | None, "add columns, called as the scores and this; None: the scores are replaced"]
    logits: Annotated[bool, "logits, whatever the scores are", False]
    interval: Annotated[bool, "add COL_p0 and COL_p1, the Venn-Abers probabilities", False]
    kind: Annotated[KindName, "what an array holds", "probability"]


class ApplyArguments(WritingArguments, ReadingArguments, StatedArguments, total=False):
    """Those of `apply`."""


class PictureArguments(TypedDict, total=False):
    """What a picture shows."""

    band: Annotated[
        BandKind, "of reliability: chance if predictions are right, of the curve itself, or none", "consistency"
    ]
    base: Annotated[str | None, "of rank: the model that others are compared with; None: the best"]
    axis: Annotated[Axis, 'of reliability: "logodds" tells small probabilities apart', "prob"]


class PlotArguments(
    PictureArguments, AnyArrayArguments, InputArguments, SlicingArguments, PolicyArguments, EngineArguments,
    total=False,
):  # fmt: skip
    """Those of `plot`."""


class ResultArguments(CurveArguments, RequireArguments, UnitArguments, total=False):
    """Those of `State.result`."""

    baseline: Annotated[
        Path | SupportsBytes | None,
        'a State, or file of one or of a saved to_json(), for limits such as "log_loss <= baseline + 0.01"',
    ]


class MergeArguments(
    CurveArguments, RequireArguments, BaselineArguments, UnitArguments, StateArguments, total=False
):
    """Those of `merge`."""


class NoArguments(TypedDict):
    """Those of `explain`."""


class Argument(Struct, frozen=True):
    """One argument that is given by its name."""

    name: str
    type: Any
    meaning: str
    default: Any

    @property
    def parameter(self) -> Parameter:
        """As a signature has it: without its type, of which some fill lines."""
        return Parameter(self.name, Parameter.KEYWORD_ONLY, default=self.default)

    @property
    def choices(self) -> tuple[object, ...]:
        """All that it may be, where its type lists that."""
        parts = (self.type, *get_args(self.type))
        return tuple(choice for part in parts if get_origin(part) is Literal for choice in get_args(part))

    @property
    def line(self) -> str:
        """As a list in a docstring has it."""
        choices = f" ({', '.join(map(repr, self.choices))})" if self.choices else ""
        return f"    {self.name}={self.default!r}: {self.meaning}{choices}"


@cache
def arguments_in(group: type) -> dict[str, Argument]:
    """The arguments of a group and of those that it is made of, by name, in order."""
    hints = get_type_hints(group, include_extras=True)
    return {name: Argument(name, *_parts(hint)) for name, hint in hints.items()}


def _parts(hint: Any) -> tuple[Any, str, Any]:
    kind, meaning, *default = get_args(hint)
    return kind, meaning, default[0] if default else None
