"""What `xent rank` is asked: models by name, in a file each or side by side in one."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.analysis.request import (
    EngineRequest,
    InputRequest,
    Target,
    refuse_no_sequence,
    refuse_no_target,
    refuse_two_stdins,
)
from xentcli.core.batch import Policy
from xentcli.errors import RequestError, Where
from xentcli.files import is_same_file, without_options
from xentcli.gates.gating import Gating
from xentcli.units import Unit
from xentcli.wording import brief_repr, did_you_mean, few, suggest

MOST_MODELS = 200
_SUFFIXES = ("gz", "bz2", "xz", "zst", "lz4", "csv", "tsv", "txt", "jsonl", "ndjson", "json", "parquet", "arrow",
             "feather", "npy", "npz")  # fmt: skip


class ModelRequest(Struct, frozen=True):
    """One model: its name, what is read, and the columns of its scores in a file that has those of others too."""

    name: str
    inputs: InputRequest
    columns: str | None = (
        None  # a name, glob or list, whose names say of which kind they are; None: as the inputs say
    )

    @property
    def place(self) -> object:
        """What is read: equal for models that stand in one input."""
        inputs = self.inputs
        return inputs.paths, tuple(map(id, inputs.tables)), inputs.text, inputs.labels, inputs.on


class RankRequest(Struct, frozen=True):
    """What `xent rank` is asked; slices and clusters are those of the first model's columns."""

    models: tuple[ModelRequest, ...]
    on: str | None = None  # the column of ids in all files; None: rows meet in order
    base: str | None = None  # the name, or the file, of the model that others are compared with; None: the best
    level: float = 0.95
    anytime: int | None = None  # rows, or clusters, of the tightest interval valid at every look; None: one look
    policy: Policy = field(default_factory=Policy)
    breakdown: bool = True
    unit: Unit = Unit.NATS
    gating: Gating = field(default_factory=Gating)
    engine: EngineRequest = field(default_factory=EngineRequest)
    save_state: Target | None = None  # a file to write, for `merge_states`

    def __post_init__(self) -> None:
        refuse_no_target("save_state", self.save_state)
        if not self.together:
            _refuse_same_file(self.models)
            refuse_two_stdins([path for model in self.models for path in model.inputs.paths])
        _refuse_names([model.name for model in self.models])
        if not 0.5 < self.level < 1:
            hint = suggest(f"{self.level / 100:g}") if 50 < self.level < 100 else "such as 0.95"
            message = f"--level {brief_repr(self.level)} is not between 0.5 and 1"
            raise RequestError("level", message, hint=hint)
        refuse_no_sequence(self.anytime, self.gating)
        _ = self.base_number

    @property
    def names(self) -> tuple[str, ...]:
        """Of the models."""
        return tuple(model.name for model in self.models)

    @property
    def base_number(self) -> int | None:
        """The number of the base among the models; raises `RequestError` where none is called so."""
        if self.base is None:
            return None
        files = [tuple(os.fspath(path) for path in model.inputs.paths) for model in self.models]
        at = [number for number, name in enumerate(self.names) if name == self.base]
        at += [number for number, paths in enumerate(files) if paths == (self.base,) and not self.together]
        if not at:
            hint = f"{did_you_mean(self.base, self.names)}models: {few(self.names, 20)}"
            raise RequestError("base", f'--base: no model is called "{self.base}"', hint=hint)
        return at[0]

    @property
    def together(self) -> bool:
        """Whether the models stand side by side in one input."""
        columns = {model.columns for model in self.models}
        return len(columns) == len(self.models) and len({model.place for model in self.models}) == 1


def models_of_files(
    inputs: InputRequest, names: Sequence[str] = (), *, several: bool = True
) -> tuple[ModelRequest, ...]:
    """A model for each path of `inputs`, called as `names` say, each `PATH=NAME` or `DEFAULT=NAME`.

    By default a model is called as its file, without folders and suffixes where that tells all apart. Raises
    `RequestError` for one of many files where there must be `several`.
    """
    paths = [os.fspath(path) for path in inputs.paths]
    if several and len(paths) == 1 and (glob.has_magic(paths[0]) or os.path.isdir(paths[0])):
        message = f"{paths[0]} is one model, of all its files: there must be two or more"
        raise RequestError("models", message, hint="runs/*.csv without quotes is a model for each file of runs")
    short = [_short_name(path) for path in paths]
    default = dict(zip(paths, short if len({*short}) == len(short) else paths, strict=True))
    given: dict[str, str] = {}
    for text in names:
        old, found, name = text.rpartition("=")
        path = next((path for path in paths if old in (path, default[path])), None)
        if not found or not name or path is None:
            hint = f"{did_you_mean(old, paths)}files: {few(paths, 20)}" if found and name else "--name old.csv=old"
            message = f'"{old}" is none of the files' if found and name else f'"{text}" is not FILE=NAME'
            raise RequestError("name", f"--name: {message}", hint=hint)
        given[path] = name
    whole = replace(inputs.spec, by=(), bins=(), cluster=None)
    specs = [inputs.spec, *(whole for _ in paths[1:])]
    return tuple(
        ModelRequest(given.get(path, default[path]), replace(inputs, paths=(path,), spec=spec))
        for path, spec in zip(paths, specs, strict=True)
    )


def models_of_columns(inputs: InputRequest, models: Sequence[str] | Mapping[str, str]) -> tuple[ModelRequest, ...]:
    """Models that stand in one input, each `NAME=COLS`, or columns by name.

    COLS is a name, glob or list as for --prob; it ends the text, so the name ends at the first "=".
    """
    if inputs.spec.prob or inputs.spec.logit or inputs.spec.logprob:
        raise RequestError("model", "--model names the score columns: --prob, --logit and --logprob do so too")
    pairs = list(models.items()) if isinstance(models, Mapping) else [_split(text) for text in models]
    whole = replace(inputs.spec, by=(), bins=(), cluster=None)
    return tuple(
        ModelRequest(name, inputs if not at else replace(inputs, spec=whole), columns)
        for at, (name, columns) in enumerate(pairs)
    )


def _split(text: str) -> tuple[str, str]:
    name, _, columns = text.partition("=")
    if not name or not columns:
        raise RequestError("model", f'--model: "{text}" is not NAME=COLS', hint="--model 'new=p_new_*'")
    return name, columns


def _short_name(path: str) -> str:
    """A file's name without its folder and the suffixes of its form."""
    if path == "-":
        return "stdin"
    name = os.path.basename(without_options(path)[0].rstrip("/")) or path
    while (stem := name.rpartition("."))[0] and stem[2].lower() in _SUFFIXES:
        name = stem[0]
    return name


def _refuse_names(names: Sequence[str]) -> None:
    if len(names) < 2:
        hint = "xent rank A B C..., or one file with --model NAME=COLS for each; xent score FILE scores one"
        raise RequestError("models", f"{len(names)} model to rank: there must be two or more", hint=hint)
    if len(names) > MOST_MODELS:
        raise RequestError("models", f"{len(names)} models to rank: at most {MOST_MODELS}")
    again = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if again is not None:
        raise RequestError(
            "names",
            f'two models are called "{again}"',
            hint="each --model, or --name FILE=NAME, needs a name of its own",
        )


def _refuse_same_file(models: Sequence[ModelRequest]) -> None:
    """Raise a `RequestError` where a file is given twice: with the same columns, it is the same model."""
    given = [(os.fspath(path), model) for model in models for path in model.inputs.paths]
    for at, (path, model) in enumerate(given):
        for other, before in given[:at]:
            if before is not model and before.columns == model.columns and _is_same(path, other):
                also = "" if path == other else f", also as {other}"
                if model.columns is not None:
                    message = f'models "{before.name}" and "{model.name}" have the same columns, {model.columns}'
                    raise RequestError("same_columns", message, hint="give each --model columns of its own")
                hint = "--model NAME=COLS, once for each, ranks models that stand in one file"
                raise RequestError("same_file", f"is given twice{also}", hint=hint, where=Where(path))


def _is_same(one: str, two: str) -> bool:
    return one == two or ("-" not in (one, two) and is_same_file(one, two))
