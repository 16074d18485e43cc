"""Which format is printed: what `--format` or `--json` says, else the suffix of the file written, else a table."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from xentcli.errors import RequestError
from xentcli.files import suffix_of

STDOUT = "-"  # as a file to write
_OF_SUFFIX = {".json": "json", ".csv": "csv", ".md": "markdown", ".markdown": "markdown"}


def choose_format(ctx: click.Context, parameters: dict[str, Any]) -> None:
    """Put the format into `format_`, where only options are, and None for standard output into `output`.

    The command line comes first, and so does the suffix of its file; then the configuration. Raises a
    `RequestError` for `--json` beside another format, and for a report and a state that both go there.
    """
    if "format_" not in parameters:
        return
    output = parameters.get("output")  # a command may write a file of another kind
    if output == STDOUT and parameters.get("save_state") == STDOUT:
        raise RequestError("overwrite", "--output and --save-state both write standard output", hint="-o FILE")
    if output == STDOUT:
        output = parameters["output"] = None
    given = parameters["format_"]
    from_line = given if ctx.get_parameter_source("format_") is ParameterSource.COMMANDLINE else None
    if parameters.pop("json"):
        if from_line not in (None, "json"):
            raise RequestError("format", f"--json and --format {from_line} contradict each other", hint="keep one")
        from_line = "json"
    parameters["format_"] = from_line or format_of_file(output) or given or "table"


def format_of_file(path: str | None) -> str | None:
    """The format that the suffix of a path asks for; None: none."""
    return None if path is None else _OF_SUFFIX.get(suffix_of(path))
