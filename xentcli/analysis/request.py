"""What may be asked of files, frozen: parsing ends with a request, and running begins with one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import IO, TYPE_CHECKING, Any

from msgspec import Struct, field

from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.core.numbers.anytime import LEAST_ROWS
from xentcli.engine.engine import Progress
from xentcli.engine.local import LocalEngine
from xentcli.errors import MOST_ROWS, MOST_SHARDS, MOST_THREADS, RequestError, UnusedOptionError, Where
from xentcli.files import is_same_file, pipe_place, refuse_no_file_name
from xentcli.gates.gating import Gating
from xentcli.sources.source import Source, TextOptions
from xentcli.units import Unit
from xentcli.wording import brief_repr, is_unicode

if TYPE_CHECKING:
    from xentcli.engine.dask.engine import DaskEngine

Target = str | os.PathLike[str] | IO[bytes]  # what is written: at a path, at a URI, or a file that is open


class InputRequest(Struct, frozen=True):
    """Inputs that count as one, and what to look for in them; all that `xent columns` is asked."""

    paths: tuple[str | os.PathLike[str], ...] = ()
    spec: ColumnSpec = field(default_factory=ColumnSpec)
    text: TextOptions = field(default_factory=TextOptions)
    labels: str | os.PathLike[str] | None = None  # a file that holds the labels
    on: str | None = None  # the column of ids that joins it; None: row by row
    allow_extra: bool = False  # the label file may hold more ids
    tables: tuple[Source, ...] = ()  # in memory, in place of `paths`
    given: frozenset[str] = frozenset()  # the options that were typed: one without effect is refused
    id: str | None = None  # the column of ids, where it joins no file

    def __post_init__(self) -> None:
        refuse_no_path("labels", self.labels)
        refuse_two_stdins((*self.paths, self.labels))


ENGINES = ("local", "dask")
_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://.+:[0-9]{1,5}")


class EngineRequest(Struct, frozen=True):
    """Where to score, and who is told how far it has come; it changes no number."""

    name: str = "local"  # one of ENGINES
    scheduler: str | None = None  # tcp://HOST:PORT of a Dask cluster; None: one is started here
    threads: int | None = None  # None: the cores given to the process
    progress: Progress | None = None

    def __post_init__(self) -> None:
        refuse_no_count("threads", self.threads, MOST_THREADS)
        if self.name not in ENGINES:
            raise RequestError("engine", f'--engine is {" or ".join(ENGINES)}, not "{self.name}"')
        if self.scheduler is None:
            return
        if self.name != "dask":
            raise RequestError("engine", "--scheduler needs --engine dask")
        if not _ADDRESS.fullmatch(self.scheduler):
            raise RequestError("engine", f'--scheduler is tcp://HOST:PORT, not "{self.scheduler}"')
        if self.threads is not None:
            message = "--threads has no effect with --scheduler: its workers have been started already"
            raise UnusedOptionError("--threads", "engine", message)

    def open(self, text: TextOptions) -> LocalEngine | DaskEngine:
        """The engine; `text` is how its workers read what they open."""
        if self.name == "local":
            return LocalEngine(self.threads, self.progress)
        from xentcli.engine.dask.engine import DaskEngine

        return DaskEngine(text, self.scheduler, self.threads, self.progress)


class ScoreRequest(Struct, frozen=True):
    """What `xent score` and `xent gate` are asked."""

    inputs: InputRequest
    policy: Policy = field(default_factory=Policy)
    engine: EngineRequest = field(default_factory=EngineRequest)
    prior: tuple[tuple[str, float], ...] | str | None = None  # shares by class, or a file to take them from
    breakdown: bool = True
    unit: Unit = Unit.NATS
    gating: Gating = field(default_factory=Gating)  # what is required of the numbers
    reliability: bool = False  # with the reliability curve
    save_state: Target | None = None  # a file to write, for `merge_states`
    shard: int | None = None  # number of the first input among all that will be merged
    is_part: bool = False  # of a whole that is merged in memory

    def __post_init__(self) -> None:
        refuse_no_target("save_state", self.save_state)
        refuse_no_shard(self.shard, saved=self.is_part or self.save_state is not None)
        refuse_two_stdins((*self.inputs.paths, self.inputs.labels, self.gating.baseline))


class WorstRequest(Struct, frozen=True):
    """What `xent worst` is asked: `most` rows, with their id and the columns in `inputs.spec.show`."""

    inputs: InputRequest
    most: int = 20
    id: str | None = None  # the column that names a row
    policy: Policy = field(default_factory=Policy)
    engine: EngineRequest = field(default_factory=EngineRequest)
    unit: Unit = Unit.NATS
    save_state: Target | None = None  # a file to write, for `merge_states`

    def __post_init__(self) -> None:
        refuse_no_target("save_state", self.save_state)
        refuse_no_count("most", self.most, MOST_ROWS)


class GradientsRequest(Struct, frozen=True):
    """What `xent gradients` is asked."""

    inputs: InputRequest
    policy: Policy = field(default_factory=Policy)
    engine: EngineRequest = field(default_factory=EngineRequest)


class CompareRequest(Struct, frozen=True):
    """What `xent compare` is asked; slices and clusters are those of NEW's columns."""

    base: InputRequest
    new: InputRequest
    on: str | None = None  # the column of ids in both; None: rows meet in order
    policy: Policy = field(default_factory=Policy)
    breakdown: bool = True
    unit: Unit = Unit.NATS
    gating: Gating = field(default_factory=Gating)
    anytime: int | None = None  # rows, or clusters, of the tightest interval valid at every look; None: one look
    engine: EngineRequest = field(default_factory=EngineRequest)
    save_state: Target | None = None  # a file to write, for `merge_states`

    def __post_init__(self) -> None:
        refuse_no_target("save_state", self.save_state)
        refuse_no_sequence(self.anytime, self.gating)
        refuse_two_stdins((*self.base.paths, *self.new.paths, self.new.labels))


def policy(
    clip: float | None,
    normalize: bool,
    sum_tolerance: float,
    missing: str,
    ignore_label: Sequence[str],
    class_weight: Mapping[str, float],
    label_smoothing: float,
    ordinal: bool = False,
) -> Policy:
    """The policy that these options ask for, or a `RequestError` for numbers that make no sense."""
    refuse_bad_numbers(clip, sum_tolerance, label_smoothing, class_weight)
    if missing not in ("error", "skip"):
        raise RequestError("missing", f'--missing is "error" or "skip", not "{missing}"')
    return Policy(
        clip=clip,
        normalize=normalize,
        sum_tolerance=sum_tolerance,
        smoothing=label_smoothing,
        skip_missing=missing == "skip",
        ignored_labels=tuple(ignore_label),
        class_weights=tuple((str(name), float(weight)) for name, weight in class_weight.items()),
        ordinal=bool(ordinal),
    )


_PATHS = {"labels": "it is a file; labels in memory are the first argument"}


def refuse_no_count(argument: str, given: Any, most: int) -> None:
    """Raise a `RequestError` unless an argument is None or a whole number from 1 to `most`."""
    if given is not None and not (is_whole(given) and 1 <= given <= most):
        message = f"{argument}= is a whole number from 1 to {most:,}, not {brief_repr(given)}"
        raise RequestError(argument, message)


def refuse_no_sequence(given: Any, gating: Gating) -> None:
    """Raise a `RequestError` unless `anytime` is None, or a number of rows and all that is tested can be so."""
    if given is None:
        return
    if not (is_whole(given) and LEAST_ROWS <= given <= MOST_ROWS):
        message = f"--anytime is a whole number from {LEAST_ROWS} to {MOST_ROWS:,}, not {brief_repr(given)}"
        hint = "the number of rows, or clusters, at which the interval is to be tightest: --anytime 5000, say"
        raise RequestError("anytime", message, hint=hint)
    if gating.requirements:
        from xentcli.gates.check_comparison import refuse_one_look

        refuse_one_look(gating.requirements, gating.confidence)


def refuse_no_shard(given: Any, *, saved: bool) -> None:
    """Raise a `RequestError` unless a shard is None, or a number from 0 of a state that is saved."""
    if given is None:
        return
    if not (is_whole(given) and 0 <= given < MOST_SHARDS):
        raise RequestError(
            "shard", f"shard= is a whole number from 0 to {MOST_SHARDS - 1:,}, not {brief_repr(given)}"
        )
    if not saved:
        raise RequestError("shard", "--shard is the number of a state that is saved", hint="--save-state FILE")


def refuse_no_target(argument: str, given: Any) -> None:
    """Raise a `RequestError` unless an argument is None, a path, or a file that is open for writing."""
    if not hasattr(given, "write"):
        refuse_no_path(argument, given)


def refuse_overwriting(
    file: Target | None,
    read: Sequence[str],
    labels: str | os.PathLike[str] | None,
    written_by: str = "--save-state",
) -> None:
    """Raise a `RequestError` if a file to be written is one of those that are read."""
    if not isinstance(file, str | os.PathLike):
        return
    for name in (*read, *([] if labels is None else [os.fspath(labels)])):
        if is_same_file(os.fspath(file), name):
            raise RequestError("overwrite", f"{written_by} would overwrite this input", where=Where(name))


def refuse_bad_numbers(clip: Any, sum_tolerance: Any, label_smoothing: Any, class_weight: Any) -> None:
    """Raise a `RequestError` for numbers of a policy that make no sense."""
    if clip is not None and not 0 < number_of("clip", clip) < 0.5:
        raise RequestError("clip", f"--clip {brief_repr(clip)} is not between 0 and 0.5")
    if not 0 <= number_of("sum_tolerance", sum_tolerance) < 1:
        raise RequestError("sum_tolerance", f"--sum-tolerance {brief_repr(sum_tolerance)} is not between 0 and 1")
    if not 0 <= number_of("label_smoothing", label_smoothing) < 1:
        raise RequestError(
            "label_smoothing", f"--label-smoothing {brief_repr(label_smoothing)} is not within 0 and 1"
        )
    if not isinstance(class_weight, Mapping):
        raise RequestError("class_weight", 'class_weight= has a weight for each class, such as {"a": 2, "b": 1}')
    for name, weight in class_weight.items():
        name_text("class_weight", name)
        if not 0 <= number_of("class_weight", weight) < float("inf"):
            raise RequestError("class_weight", f'--class-weight: "{name}" cannot weigh {brief_repr(weight)}')


def number_of(argument: str, given: Any) -> float:
    """An argument that is a number, or a `RequestError`."""
    if not isinstance(given, Real):
        raise RequestError(argument, f"{argument}= needs a number, not {brief_repr(given)}")
    try:
        return float(given)
    except OverflowError:
        message = f"{argument}= has a number beyond float64, {brief_repr(given)}"
        raise RequestError(argument, message) from None


def refuse_two_stdins(paths: Sequence[str | os.PathLike[str] | None]) -> None:
    """Raise a `RequestError` if two inputs are standard input, or one pipe."""
    if paths.count("-") > 1:
        raise RequestError("stdin_twice", "standard input can be read once", hint='give "-" once')
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if path is None or not (place := pipe_place(os.fspath(path))):
            continue
        if place in seen:
            where = Where("<stdin>" if path == "-" else os.fspath(path))
            raise RequestError("stdin_twice", "a pipe can be read once", hint="give it once", where=where)
        seen.add(place)


def refuse_no_path(argument: str, given: Any) -> None:
    """Raise a `RequestError` unless an argument is None or a path."""
    if given is not None and not isinstance(given, str | os.PathLike):
        what = "folder" if argument == "pictures" else "file"
        message = f"{argument}= names a {what}, not {brief_repr(given)}"
        raise RequestError(argument, message, hint=_PATHS.get(argument))
    if given is not None:
        refuse_no_file_name(given)


def is_whole(given: Any) -> bool:
    """Whether an argument is a whole number."""
    return isinstance(given, Integral) and given is not True and given is not False


def name_text(argument: str, given: Any) -> str:
    """The name of a class or column as text, which is UTF-8 in files."""
    try:
        text = str(given)
    except ValueError as error:
        raise RequestError(argument, f"{argument}= has {brief_repr(given)}, which is written as text") from error
    if not is_unicode(text):
        raise RequestError(argument, f"{argument}= has {brief_repr(given)}, which is not valid Unicode")
    return text
