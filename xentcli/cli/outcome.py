"""What a command has to say: a result, printed as asked, and the reports of a verdict that CI systems show."""

import os
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Annotated

import click
from msgspec import Struct
from msgspec.structs import replace

from xentcli.cli.format_choice import STDOUT
from xentcli.cli.options import Options, PrintingOptions, complete
from xentcli.errors import Notice, RequestError, UnusedOptionError
from xentcli.files import is_uri
from xentcli.render.formats import render
from xentcli.results.verdicts import failure_lines, verdict_exit_code

if TYPE_CHECKING:
    from xentcli.render.page import Page
    from xentcli.results.gate import Verdicts
    from xentcli.results.result import Result
    from xentcli.results.verdicts import Gate


class Outcome(Struct, frozen=True):
    """A complete text for standard output or a file, and notices.

    Files beside it are written first: whoever sees the text, or the exit code of a verdict, finds them complete.
    """

    text: str
    output: str | None = None  # a path instead of standard output
    notices: tuple[Notice, ...] = ()
    exit_code: int = 0
    document: bool = False  # for programs: UTF-8 whatever the locale says
    files: tuple[tuple[str, str], ...] = ()  # paths, and what they shall hold
    folder: str | None = None  # made for files, if it is not there
    summary: tuple[str, Callable[[int], str]] | None = None  # a file to append to, and what, given its size
    commands: tuple[str, ...] = ()  # lines for standard error that a build log is to obey
    verdicts: tuple[str, ...] = ()  # lines about requirements, for standard error
    product: IO[bytes] | None = None  # bytes for standard output; the text is for the output alone then
    data: bytes | None = None  # bytes for the path, likewise


class ReportOptions(Options, frozen=True):
    """The reports of a verdict."""

    junit: Annotated[str | None, click.option(
        "--junit", metavar="FILE", shell_complete=complete("files"),
        help="Also write JUnit XML: a test per requirement.",
    )]  # fmt: skip
    github: Annotated[bool | None, click.option(
        "--github/--no-github", default=None,
        help="Annotations and summary for GitHub Actions; default of xent gate there.",
    )]  # fmt: skip

    def refuse_unused(self, require: tuple[str, ...]) -> None:
        """Raise a `RequestError` for reports on requirements where there are none."""
        for name in ("junit", "github"):
            if getattr(self, name) and not require:
                raise RequestError("no_requirement", f"--{name} needs --require", hint="it reports verdicts")


class PicturesOptions(Options, frozen=True):
    """Pictures that Markdown refers to."""

    pictures: Annotated[str | None, click.option(
        "--pictures", metavar="DIR", shell_complete=complete("files"),
        help="Of Markdown: also write its pictures as SVG into DIR.",
    )]  # fmt: skip

    def folder(self, format: str) -> str | None:
        """Where pictures go in this format; None: there are none.

        Raises `RequestError` for what is no folder, and where Markdown is not what is written.
        """
        if self.pictures is None:
            return None
        if self.pictures == STDOUT:
            message = "--pictures is a folder, and - standard output"
            raise RequestError("pictures", message, hint="--pictures pictures")
        if is_uri(self.pictures):
            message = "--pictures is a folder of this machine, which the Markdown refers to"
            raise RequestError("pictures", message, hint="--pictures pictures")
        if format != "markdown":
            message = f"--pictures has no effect on --format {format}: only Markdown refers to pictures"
            raise UnusedOptionError("--pictures", "no_effect", message, hint="--format markdown, or -o report.md")
        return self.pictures


def on_github() -> bool:
    """Is this a step of GitHub Actions?"""
    return os.environ.get("GITHUB_ACTIONS") == "true"


_NO_PICTURES = (Notice("no_pictures", 1, "nothing is drawn of this result: --pictures writes no file"),)


def outcome_of(
    result: "Result",
    printing: PrintingOptions,
    notices: tuple[Notice, ...] = (),
    page: "Page | None" = None,
    folder: str | None = None,
) -> Outcome:
    """The outcome of a result in the format asked for; pictures of Markdown go into `folder`, if there is one."""
    page, notices = page or printing.page(), () if printing.quiet else notices
    if folder is None:
        text = render(result, printing.format_, page)
        return Outcome(text, printing.output, notices, document=printing.document)
    from xentcli.api import pictures_of_result
    from xentcli.render import markdown
    from xentcli.render.pictures.files import picture_files

    pictures = picture_files(pictures_of_result(result), [str(each) for each in result.doubts], folder)
    if not pictures:
        folder, notices = None, (*notices, *(() if printing.quiet else _NO_PICTURES))
    text = markdown.render(result, page, pictures, os.path.dirname(printing.output or ""))
    files = tuple((each.path, each.text) for each in pictures)
    return Outcome(text, printing.output, notices, document=True, files=files, folder=folder)


def with_exit_code(outcome: Outcome, gates: "Sequence[Gate]", *, exit_zero: bool) -> Outcome:
    """The outcome with the exit code of a verdict, and with what failed where the report does not show it."""
    if not exit_zero:
        outcome = replace(outcome, exit_code=verdict_exit_code(gates))
    if outcome.document or outcome.output is not None or outcome.product is not None:
        outcome = replace(outcome, verdicts=failure_lines(gates))
    return outcome


def with_verdict(
    outcome: Outcome, verdict: "Verdicts", reports: ReportOptions, summarized: "Result", *, exit_zero: bool
) -> Outcome:
    """The outcome with the exit code of a verdict, and with the reports on it.

    The summary of a job shows the result `summarized`.
    """
    outcome = with_exit_code(outcome, verdict.gates, exit_zero=exit_zero)
    if reports.github:
        outcome = replace(outcome, verdicts=())
    if reports.junit is not None:
        from xentcli.render.junit import junit

        outcome = replace(outcome, files=(*outcome.files, (reports.junit, junit(verdict))))
    if not reports.github:
        return outcome
    from xentcli.render.github import SUMMARY_BYTES, summary, workflow_commands

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    text = None if not path else (path, lambda size: summary(summarized, SUMMARY_BYTES - size))
    return replace(outcome, commands=tuple(workflow_commands(verdict)), summary=text)
