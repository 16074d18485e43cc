"""`xent calibrate`."""

import click

from xentcli.cli.groups.fitting import CalibrationOptions, FittingOptions, GainOptions, PriorShiftOptions
from xentcli.cli.groups.inputs import InputOptions
from xentcli.cli.groups.scoring import EngineOptions, RowOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import ScreenOptions, UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome, PicturesOptions, outcome_of, with_exit_code
from xentcli.cli.progress import watch
from xentcli.errors import Notice
from xentcli.units import Unit

EXAMPLES = """\b
Examples:
  xent calibrate valid.csv -o cal.json
      the best method, if any is shown to help on rows its fit has not seen
  xent calibrate valid.csv --method temperature -o cal.json
  xent calibrate valid.csv --cluster user --require 'gain_low >= 0'
  xent calibrate valid.csv --folds-forward month -o cal.json
  xent calibrate valid.csv --prior-to no=0.9,yes=0.1 -o cal.json
  xent calibrate valid.csv --kept yes=1,no=0.1 -o cal.json
\b
One line per method: its parameters, the loss in-sample, the loss and the gain on
unseen rows. xent apply cal.json FILE -o OUT recalibrates other predictions. Fit to rows that
the model was not trained on.
\b
Exit codes: 0 fitted; 1 a requirement failed; 2 wrong usage; 3 bad content;
4 cannot read or write; 70 internal error.
"""

_UNSAVED = (Notice("not_saved", 1, "nothing is saved: -o cal.json saves the recalibration for xent apply"),)


@click.command(cls=GroupedCommand, name="calibrate", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete("files"))
@with_options
def command(
    fitting: FittingOptions,
    shift: PriorShiftOptions,
    inputs: InputOptions,
    rows: RowOptions,
    engine: EngineOptions,
    unit: UnitOptions,
    gains: GainOptions,
    calibration: CalibrationOptions,
    pictures: PicturesOptions,
    screen: ScreenOptions,
    files: tuple[str, ...],
) -> Outcome:
    """Recalibrate the predictions in FILE, and tell whether it helps on rows that the fit has not seen. What is
    shown to help is saved; if nothing is, what is saved leaves predictions as they are.
    """
    from xentcli.api import CalibrateRequest, calibrate_files

    printing, to_stdout = screen.printing(), calibration.saved == "-"
    folder = pictures.folder(printing.format_)
    with watch(printing) as progress:
        request = CalibrateRequest(
            inputs=inputs.request(files, fitting.slicing(), fold=fitting.fold),
            method=fitting.method,
            folds=fitting.folds,
            forward=fitting.folds_forward is not None,
            shift=shift.request(),
            policy=rows.policy(),
            engine=engine.request(rows.threads, progress),
            unit=Unit(unit.unit),
            gating=gains.request(),
            save=None if to_stdout else calibration.saved,
            cross_fit=calibration.cross_fit,
        )
        result = calibrate_files(request)
    unsaved = calibration.saved is None and result.chosen != "none"
    outcome = outcome_of(result, printing, (*result.notices, *(_UNSAVED if unsaved else ())), folder=folder)
    if to_stdout:
        from xentcli.api import calibration_text

        outcome = Outcome(calibration_text(result.calibration).decode(), notices=outcome.notices, document=True)
    return with_exit_code(outcome, result.gates, exit_zero=gains.exit_zero)
