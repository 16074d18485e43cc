"""The reports of a verdict that CI systems show, beside what the command prints."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from xentcli.cli.options import page
from xentcli.cli.run import Outcome
from xentcli.errors import Notice, RequestError
from xentcli.render.formats import render
from xentcli.results.outcome import failure_lines, verdict_exit_code

if TYPE_CHECKING:
    from xentcli.results.gate import GateResult
    from xentcli.results.result import Result

REPORTING = (
    click.option("--junit", metavar="FILE", help="Also write JUnit XML: a test case for each requirement."),
    click.option(
        "--github/--no-github", default=None,
        help="Annotations, and a summary of the job, of GitHub Actions; gate does so there unless told.",
    ),
)  # fmt: skip


def on_github() -> bool:
    """Is this a step of GitHub Actions?"""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def refuse_unused(options: dict[str, Any]) -> None:
    """Raise a `RequestError` for reports on requirements where there are none."""
    for name in ("junit", "github"):
        if options[name] and not options["require"]:
            raise RequestError("no_requirement", f"--{name} needs --require", hint="it reports verdicts")


def reported(
    shown: Result,
    result: GateResult,
    options: dict[str, Any],
    notices: tuple[Notice, ...],
    *,
    github: bool,
    summarized: Result | None = None,
) -> Outcome:
    """The outcome of a verdict: `shown` in the format asked for, and the reports.

    The summary of a job is that of the verdict, unless `summarized` is to stand there.
    """
    to_file = options["output"] is not None
    paper = page(to_file, options["no_color"], reliability=options.get("reliability", False))
    document = options["format_"] != "table"
    outcome = Outcome(
        render(shown, options["format_"], paper),
        options["output"],
        () if options["quiet"] else notices,
        0 if options["exit_zero"] else verdict_exit_code(result.gates),
        document,
        verdicts=failure_lines(result.gates) if (document or to_file) and not github else (),
    )
    if options["junit"] is not None:
        outcome = _with_junit(outcome, result, options["junit"])
    return _with_github(outcome, result, summarized or result) if github else outcome


def _with_junit(outcome: Outcome, result: GateResult, path: str) -> Outcome:
    from xentcli.render.junit import junit

    return replace(outcome, files=((path, junit(result)),))


def _with_github(outcome: Outcome, result: GateResult, summarized: Result) -> Outcome:
    from xentcli.render.github import SUMMARY_BYTES, commands, summary

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    text = None if not path else (path, lambda size: summary(summarized, SUMMARY_BYTES - size))
    return replace(outcome, commands=tuple(commands(result)), summary=text)
