"""Results as text: what `str`, a notebook and `to_markdown` show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from typing import Literal, TypeVar

from msgspec.structs import replace

from xentcli.errors import Notice
from xentcli.results.calibrate import CalibrateResult
from xentcli.results.compare import CompareResult
from xentcli.results.gate import GateResult
from xentcli.results.rank import RankResult
from xentcli.results.result import InputInfo, Result
from xentcli.results.score import ScoreResult

WIDTH = 80  # columns of a printed report
AnyResult = TypeVar("AnyResult", bound=Result)
Shown = Literal["table", "markdown", "json", "notebook"]


def in_python(result: AnyResult) -> AnyResult:
    """A result whose notices speak of arguments, as errors do."""
    if isinstance(result, GateResult):
        return replace(result, score=in_python(result.score))
    notices: tuple[Notice, ...] = getattr(result, "notices", ())
    if not notices:
        return result
    from xentcli.api.error_words import translated
    from xentcli.api.parameters import CompareArguments, ScoreArguments, arguments_in

    known = {**arguments_in(ScoreArguments), **arguments_in(CompareArguments)}
    arrays = any(each.format == "arrays" for each in getattr(result, "inputs", ()) if isinstance(each, InputInfo))
    words = (translated(each.message, known, arrays, hint=True) for each in notices)
    return replace(
        result, notices=tuple(replace(each, message=text) for each, text in zip(notices, words, strict=True))
    )


def present(result: Result, format: Shown) -> str:
    """A result as the report that the command line prints, in 80 columns without colour; or in another format.

    Notebooks also show the pictures that it holds the numbers of.
    """
    from xentcli.render.page import Page

    page = Page(WIDTH, full=format == "notebook", pointers=False)  # where what is not read first is folded
    if format in ("table", "notebook"):  # the other two are those of the command line to the last byte
        result = in_python(result)
    if format == "notebook":
        from xentcli.analysis.plotting.of_result import pictures_of_result
        from xentcli.render.notebook import render

        return render(result, page, tuple(pictures_of_result(result).values()))
    return str(import_module(f"xentcli.render.{format}").render(result, page))


def _files_read(result: Result) -> Iterator[str]:
    """The names of the inputs of a result, the file of labels among them."""
    match result:
        case GateResult():
            yield from _files_read(result.score)
        case CompareResult():
            yield from (*_files_read(result.base), *_files_read(result.new))
        case RankResult():
            for model in result.models:
                yield from _files_read(model.score)
        case ScoreResult() | CalibrateResult():
            yield from (each.name for each in result.inputs)
            if result.columns.label_file is not None:
                yield result.columns.label_file


def markdown_with_pictures(result: Result, folder: str | os.PathLike[str]) -> str:
    """The Markdown of `--format markdown --pictures folder`, once the pictures are written there."""
    from xentcli.analysis.plotting.of_result import pictures_of_result
    from xentcli.analysis.request import refuse_no_path, refuse_overwriting
    from xentcli.files import make_folder, write_file
    from xentcli.render.markdown import render
    from xentcli.render.page import Page
    from xentcli.render.pictures.files import picture_files

    refuse_no_path("pictures", folder)
    files = picture_files(pictures_of_result(result), [str(each) for each in result.doubts], os.fspath(folder))
    for each in files:
        refuse_overwriting(each.path, [*_files_read(result)], None, "pictures=")
    make_folder(os.fspath(folder))
    for each in files:
        write_file(each.path, each.text.encode("utf-8", "backslashreplace"))
    return render(result, Page(WIDTH, pointers=False), files)
