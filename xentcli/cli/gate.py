"""`xent gate`."""

from typing import TYPE_CHECKING, Annotated

import click
from msgspec.structs import replace

from xentcli.cli.config.reading import config_of, configured_files, overruled, settings
from xentcli.cli.groups.gating import GatingOptions
from xentcli.cli.groups.inputs import InputOptions, SlicingOptions
from xentcli.cli.groups.reporting import GateReportOptions, refuse_no_page
from xentcli.cli.groups.scoring import BreakdownOptions, EngineOptions, ScoringOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import Options, PrintingOptions, UnitOptions, complete, typed_options, with_options
from xentcli.cli.outcome import Outcome, PicturesOptions, on_github, outcome_of, with_verdict
from xentcli.cli.progress import watch
from xentcli.errors import RequestError
from xentcli.render.starting_config import starting_config
from xentcli.units import Unit

if TYPE_CHECKING:
    from xentcli.api import InputRequest, ScoreRequest
    from xentcli.gates.gating import Gating
    from xentcli.results.gate import GateResult

EXAMPLES = """\b
Examples:
  xent gate preds.csv --require 'log_loss <= 0.35'
  xent gate preds.csv --init
      prints a configuration to begin with, for pyproject.toml
  xent gate preds.csv
      checks the requirements of [tool.xent.gate] in pyproject.toml
  xent gate a.csv --baseline b.json --require 'log_loss <= baseline'
  xent gate preds.csv --require 'log_loss <= 0.35' --require 'rows >= 1000'
  xent gate preds.csv --require 'recall[malignant] >= 0.9' --confidence 0.95
  xent gate a.csv --baseline b.json --require 'log_loss <= baseline + 0.01'
  xent gate preds.csv --report page.html
  xent gate 'states/*.state' --require 'log_loss <= 0.35'
      states of xent score, merged, or one saved result
  xent gate preds.csv --junit report.xml --format markdown --output comment.md
\b
Exit codes: 0 all requirements hold; 1 a requirement failed; 2 wrong usage or
configuration; 3 bad content; 4 cannot read or write; 5 a requirement is
undecided; 70 internal error.
"""


class StartingOptions(Options, frozen=True):
    """Whether to print a configuration to begin with."""

    init: Annotated[bool, click.option(
        "--init", is_flag=True, help="Print a configuration that these scores pass.",
    )]  # fmt: skip


@click.command(cls=GroupedCommand, name="gate", epilog=EXAMPLES)
@click.argument("files", nargs=-1, metavar="FILE...", callback=configured_files, shell_complete=complete("files"))
@with_options
def command(
    gating: GatingOptions,
    starting: StartingOptions,
    reports: GateReportOptions,
    inputs: InputOptions,
    slicing: SlicingOptions,
    scoring: ScoringOptions,
    engine: EngineOptions,
    breakdown: BreakdownOptions,
    unit: UnitOptions,
    pictures: PicturesOptions,
    printing: PrintingOptions,
    files: tuple[str, ...],
) -> Outcome:
    """Check the requirements on the predictions in FILE: the verdict first, then the scores. Requirements and all
    other options can stand, by name, in [tool.xent.gate] of pyproject.toml or in xent.toml; the command line wins.
    """
    from xentcli.api import ScoreRequest, parse_gating

    ctx, folder = click.get_current_context(), pictures.folder(printing.format_)
    if starting.init and printing.output is not None:
        raise RequestError("init", "--init writes no file", hint="it prints what to put into pyproject.toml")
    if starting.init:
        _refuse_beside_init()
    if not starting.init and not gating.require:
        raise _nothing_required(ctx)
    with watch(printing) as progress:
        read = inputs.request(files, slicing)
        request = ScoreRequest(
            inputs=read,
            policy=scoring.policy(ordinal=breakdown.ordinal),
            engine=engine.request(scoring.threads, progress),
            prior=breakdown.prior,
            breakdown=breakdown.breakdown,
            unit=Unit(unit.unit),
            reliability=breakdown.reliability,
            gating=parse_gating(()) if starting.init else _gating(gating, read),  # which --init settles
        )
        result, files_beside = _gate(request, reports)
    if starting.init:  # it prints and no more, as a file that is there might hold a whole project
        notices = () if printing.quiet else result.score.notices
        return Outcome(starting_config(result.score, settings(ctx)), notices=notices, document=True)
    page = printing.page(reliability=breakdown.reliability)
    outcome = outcome_of(result, printing, (*overruled(ctx), *result.score.notices), page, folder)
    if reports.github is None and on_github():
        reports = replace(reports, github=True)
    outcome = with_verdict(outcome, result, reports, result, exit_zero=gating.exit_zero)
    return replace(outcome, files=(*outcome.files, *files_beside))


def _gating(gating: GatingOptions, read: "InputRequest") -> "Gating":
    """What is required of what is read; raises a `ContentError` first for states of several models."""
    try:
        return gating.request(changes=True)
    except RequestError as error:
        if error.code == "no_baseline":  # which --baseline would not mend
            from xentcli.api import refuse_states_of_models

            refuse_states_of_models(read, gating.require)
        raise


def _gate(request: "ScoreRequest", reports: GateReportOptions) -> tuple["GateResult", tuple[tuple[str, str], ...]]:
    """What became of the requirements, and the page of it, with its path, if one is asked for."""
    if reports.report is not None:
        refuse_no_page(reports.report)
    if reports.report is None:
        from xentcli.api import gate_files

        return gate_files(request), ()
    from xentcli.api import ReportRequest, report_files
    from xentcli.render.html.page import render

    found = report_files(ReportRequest(request))
    return found.gate, ((reports.report, render(found)),)


def _refuse_beside_init() -> None:
    """Raise a `RequestError` for options about a verdict and its report: what is printed has none."""
    needs_verdict = ("--require", "--baseline", "--confidence", "--exit-zero", "--junit", "--github", "--report")
    for option in (*needs_verdict, "--format", "--pictures"):
        if option in typed_options():
            raise RequestError("init", f"{option} has no effect with --init", hint="leave it out")


def _nothing_required(ctx: click.Context) -> RequestError:
    config = config_of(ctx)
    place = "no [tool.xent.gate] or xent.toml here or above" if config is None else f"{config.path} has no require"
    return RequestError(
        "no_requirements",
        f"nothing is required: {place}, and no --require",
        hint="--require 'log_loss <= 0.35', or xent gate FILE --init for a configuration to begin with",
    )
