"""`xent plot`."""

import click

from xentcli.cli.groups.applying import QuietOptions
from xentcli.cli.groups.inputs import InputOptions, SlicingOptions
from xentcli.cli.groups.plotting import PictureOptions, PlottingOptions
from xentcli.cli.groups.scoring import EngineOptions, ScoringOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome
from xentcli.cli.progress import watch
from xentcli.results.pictures import KINDS, RANK
from xentcli.units import Unit

EXAMPLES = """\b
Examples:
  xent plot reliability preds.csv -o reliability.svg
  xent plot murphy old.csv new.csv -o murphy.svg
  xent plot slices preds.csv --by site -o slices.svg
  xent plot losses state.json preds.csv --name state.json=before > losses.svg
  xent plot rank a.csv b.csv c.csv --on id -o rank.svg
  xent score preds.csv --json | xent plot breakdown - > breakdown.svg
  xent plot reliability preds.csv --axis logodds --band confidence -o out.svg
\b
Each FILE is a model: predictions, a state (xent score --save-state), or the
JSON of a result that holds what the picture needs.
Exit codes: 0 drawn; 2 wrong usage, or another KIND fits; 3 bad content; 4
cannot read or write; 70 internal error.
"""


@click.command(cls=GroupedCommand, name="plot", epilog=EXAMPLES)
@click.argument("kind", metavar="KIND", type=click.Choice([*KINDS]))
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete("files"))
@with_options
def command(
    plotting: PlottingOptions,
    inputs: InputOptions,
    slicing: SlicingOptions,
    scoring: ScoringOptions,
    engine: EngineOptions,
    unit: UnitOptions,
    picture: PictureOptions,
    quiet: QuietOptions,
    kind: str,
    files: tuple[str, ...],
) -> Outcome:
    """Draw a picture of the models in FILE..., as SVG. KIND is reliability, breakdown, mcb-dsc, murphy, roc,
    losses, confusions, slices, rank or calibrate; xent help pictures tells how to read each.
    """
    from xentcli.api import PlotRequest, plot_files, plotted_models

    file = picture.file
    with watch(quiet) as progress:
        request = PlotRequest(
            kind=kind,
            models=plotted_models(inputs.request(files, slicing, names_rows=kind == RANK), plotting.name),
            policy=scoring.policy(),
            engine=engine.request(scoring.threads, progress),
            unit=Unit(unit.unit),
            on=inputs.on if kind == RANK else None,
            base=plotting.base,
            band=plotting.band,
            axis=plotting.axis,
        )
        plotted = plot_files(request)
    notices = () if quiet.quiet else plotted.notices
    doubts = [str(each) for each in plotted.notices if each.doubt]
    if picture.png:
        from xentcli.render.pictures.png import png

        return Outcome("", file, notices=notices, document=True, data=png(plotted.picture, doubts))
    from xentcli.render.pictures.kinds import svg

    return Outcome(svg(plotted.picture, doubts), file, notices=notices, document=True)
