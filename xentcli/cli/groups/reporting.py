"""The groups of options that say what a page holds beside the scores, and where it is written."""

from typing import Annotated

import click

from xentcli.cli.format_choice import STDOUT
from xentcli.cli.options import Options, complete
from xentcli.cli.outcome import ReportOptions
from xentcli.cli.targets import refuse_unwritable
from xentcli.cli.terminal import is_terminal
from xentcli.cli.values import name
from xentcli.errors import RequestError
from xentcli.files import PAGE, refuse_other_suffix

# fmt: off


class ContentOptions(Options, frozen=True):
    """What a page holds beside the scores."""

    base: Annotated[str | None, click.option(
        "--base", metavar="OLD", shell_complete=complete("files"),
        help="Compare with the model of OLD, on the same rows.",
    )]
    title: Annotated[str | None, click.option(
        "--title", type=name, metavar="T", help="Title of the page; default: the names of FILE.",
    )]


class PageOptions(Options, frozen=True):
    """Where the page is written."""

    out: Annotated[str | None, click.option(
        "-o", "--output", "out", metavar="FILE", shell_complete=complete("files"),
        help="Write to FILE, whatever the verdict; - is stdout.",
    )]

    @property
    def file(self) -> str | None:
        """The file that is written; None for standard output.

        Raises `RequestError` for a terminal, and for a file that is called as something else.
        """
        if self.out is None and is_terminal():
            raise RequestError("terminal", "a page is not for a terminal", hint="-o page.html writes a file")
        if self.out is None or self.out == STDOUT:
            return None
        refuse_other_suffix(self.out, PAGE, "-o {path}")
        refuse_unwritable(self.out)
        return self.out


class GateReportOptions(ReportOptions, frozen=True):
    """The reports of a verdict, a page among them."""

    report: Annotated[str | None, click.option(
        "--report", metavar="FILE", shell_complete=complete("files"),
        help="Also write a page of HTML, as xent report does.",
    )]
    # fmt: on


def refuse_no_page(path: str) -> None:
    """Raise a `RequestError` for what cannot hold a page beside the verdict."""
    if path == STDOUT:
        message = "--report writes a file: standard output carries the verdict"
        hint = "--report page.html; xent report FILE -o - prints the page alone"
        raise RequestError("report", message, hint=hint)
    refuse_other_suffix(path, PAGE, "--report {path}")
