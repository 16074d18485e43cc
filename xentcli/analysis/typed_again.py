"""The options of a request as a shell takes them: for another command on the same files that a notice suggests."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from xentcli.analysis.request import InputRequest
from xentcli.columns.columns import list_text
from xentcli.sources.source import TextOptions
from xentcli.wording import typed

_COLUMNS = (
    "label", "prob", "logit", "logprob", "classes_in", "positive", "predicted", "target", "target_logit", "weight",
    "class_column", "log_base", "na", "where",
)  # fmt: skip
_TEXT = {"delimiter": "delimiter", "decimal": "decimal", "comment": "comment", "skip_lines": "skip-lines",
         "format": "input-format"}  # fmt: skip


def reading_options(request: InputRequest) -> tuple[str, ...]:
    """The options about columns, labels and text, each with its values; those of slices are none."""
    return (*_column_options(request), *_text_options(request.text))


def _column_options(request: InputRequest) -> Iterator[str]:
    spec = request.spec
    for name in _COLUMNS:
        value = getattr(spec, name)
        if value:
            yield typed(f"--{name.replace('_', '-')}", *([value] if isinstance(value, str) else value))
    if spec.classes:
        yield typed("--classes", list_text(spec.classes))
    if request.labels is not None:
        yield typed("--labels", os.fspath(request.labels))
        if request.on is not None:
            yield typed("--on", request.on)
        if request.allow_extra:
            yield "--allow-extra"


def _text_options(text: TextOptions) -> Iterator[str]:
    plain = TextOptions()
    for name, option in _TEXT.items():
        value = getattr(text, name)
        if value != getattr(plain, name):
            yield typed(f"--{option}", str(value))
    if not text.header:
        yield "--no-header"


def models_commands(files: Sequence[str], options: Sequence[str], on: str | None = None) -> str:
    """The commands for models of the same rows, a file each: two are compared, or ranked as more are.

    `on` is a column of ids that the files share.
    """
    from shlex import quote  # only such notices need it

    rows = [typed("--on", on)] if on is not None and not any(each.startswith("--on ") for each in options) else []
    words = " ".join([*map(quote, files), *options, *rows])
    return f"xent compare {words}, or xent rank {words}" if len(files) == 2 else f"xent rank {words}"
