"""What a command has to say: a result, printed as asked, and the reports of a verdict that CI systems show."""

import os
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Annotated

import click
from msgspec import Struct
from msgspec.structs import replace

from xentcli.cli.options import Options, PrintingOptions, complete
from xentcli.errors import Notice, RequestError
from xentcli.render.formats import render
from xentcli.results.verdicts import failure_lines, verdict_exit_code

if TYPE_CHECKING:
    from xentcli.render.page import Page
    from xentcli.results.gate import GateResult
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
    summary: tuple[str, Callable[[int], str]] | None = None  # a file to append to, and what, given its size
    commands: tuple[str, ...] = ()  # lines for standard error that a build log is to obey
    verdicts: tuple[str, ...] = ()  # lines about requirements, for standard error
    product: IO[bytes] | None = None  # bytes for standard output, instead of the text
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


def on_github() -> bool:
    """Is this a step of GitHub Actions?"""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def outcome_of(
    result: "Result", printing: PrintingOptions, notices: tuple[Notice, ...] = (), page: "Page | None" = None
) -> Outcome:
    """The outcome of a result in the format asked for."""
    text = render(result, printing.format_, page or printing.page())
    return Outcome(text, printing.output, () if printing.quiet else notices, document=printing.document)


def with_exit_code(outcome: Outcome, gates: "Sequence[Gate]", *, exit_zero: bool) -> Outcome:
    """The outcome with the exit code of a verdict, and with what failed where the report does not show it."""
    if not exit_zero:
        outcome = replace(outcome, exit_code=verdict_exit_code(gates))
    if outcome.document or outcome.output is not None:
        outcome = replace(outcome, verdicts=failure_lines(gates))
    return outcome


def with_verdict(
    outcome: Outcome, verdict: "GateResult", reports: ReportOptions, summarized: "Result", *, exit_zero: bool
) -> Outcome:
    """The outcome with the exit code of a verdict, and with the reports on it.

    The summary of a job shows the result `summarized`.
    """
    outcome = with_exit_code(outcome, verdict.gates, exit_zero=exit_zero)
    if reports.github:
        outcome = replace(outcome, verdicts=())
    if reports.junit is not None:
        from xentcli.render.junit import junit

        outcome = replace(outcome, files=((reports.junit, junit(verdict)),))
    if not reports.github:
        return outcome
    from xentcli.render.github import SUMMARY_BYTES, summary, workflow_commands

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    text = None if not path else (path, lambda size: summary(summarized, SUMMARY_BYTES - size))
    return replace(outcome, commands=tuple(workflow_commands(verdict)), summary=text)
