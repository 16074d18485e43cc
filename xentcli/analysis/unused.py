"""Options that were typed and change nothing: whoever types one expects that it does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from xentcli.columns.columns import Columns
from xentcli.core.batch import InputKind
from xentcli.engine.inputs import Inputs
from xentcli.errors import RequestError, Where

# What each option about the form of a file is about: the formats that it changes the reading of.
_FORMATS: dict[str, tuple[str, ...]] = {
    "--delimiter": ("csv",),
    "--decimal": ("csv",),
    "--no-header": ("csv",),
    "--comment": ("csv",),
    "--skip-lines": ("csv",),
}
_NAMES = {
    "jsonl": "JSON Lines", "json": "JSON", "parquet": "Parquet", "arrow": "Arrow IPC", "npy": "a NumPy array",
    "npz": "NumPy arrays",
}  # fmt: skip


def refuse_unused(given: Collection[str], inputs: Sequence[Inputs]) -> None:
    """Raise a `RequestError` for the first of the `given` options that none of the inputs heeds."""
    if not given:
        return
    formats = {found for each in inputs for source in each.sources for found in source.formats}
    for option, heeded in _FORMATS.items():
        if option in given and formats.isdisjoint(heeded):
            what = " and ".join(sorted(_NAMES.get(found, found) for found in formats))
            raise _no_effect(option, f"it is about delimited text, and the input is {what}", inputs[0].name)
    columns = [used for each in inputs for used in each.columns]
    for option, why in _unused(columns):
        if option in given:
            raise _no_effect(option, why, inputs[0].name)


def _no_effect(option: str, why: str, name: str) -> RequestError:
    return RequestError("no_effect", f"{option} has no effect: {why}", hint="leave it out", where=Where(name))


def _unused(columns: Sequence[Columns]) -> Iterator[tuple[str, str]]:
    """The options that change nothing of such columns, and why."""
    if all(used.tokens for used in columns):
        for option in ("--positive", "--classes", "--normalize"):
            yield option, "tokens have no classes"
    elif all(used.kind is InputKind.LOGIT and used.targets is None for used in columns):
        yield "--normalize", "the softmax of logits sums to 1"
