"""`xent divergence`."""

import click

from xentcli.cli.groups.applying import StatedOptions
from xentcli.cli.groups.gating import DivergenceGatingOptions
from xentcli.cli.groups.inputs import BaseOptions, PredictionOptions, SlicingOptions
from xentcli.cli.groups.scoring import EngineOptions, SpeedOptions, StateOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome, ReportOptions, outcome_of, with_verdict
from xentcli.cli.progress import watch
from xentcli.cli.saving import state_target, with_state
from xentcli.units import Unit

EXAMPLES = """\b
Examples:
  xent divergence old.csv new.csv --on id
  xent divergence full.parquet int4.parquet --logit logits --cluster doc
  xent divergence old.csv new.csv --on id --require 'kl <= 0.01' --require 'same_top >= 0.98'
  xent divergence both.csv both.csv --base-prob 'old_*' --prob 'new_*'
  xent divergence old.csv new.csv --on id --label outcome --by site
  xent divergence old.csv new.csv --require 'kl <= 0.01' --confidence 0.95
  xent divergence old.csv new.csv --require 'kl[doc=*] <= 0.05' --by doc
  xent divergence old.csv new.csv --on id --save-state tonight.state
  xent divergence old.csv new.csv --on id --format json | jq .metrics.kl_p999
\b
The KL divergence of a row is sum P log(P / Q) of BASE's distribution P and NEW's
Q. Classes are matched by name; either file may hold probabilities, logits or
log-probabilities. The columns used of BASE are held in memory; NEW is streamed.
Exit codes: 0 computed; 1 a requirement failed; 2 wrong usage; 3 bad content, or
rows or classes that differ; 4 cannot read or write; 5 a requirement is
undecided; 70 internal error.
"""


@click.command(cls=GroupedCommand, name="divergence", epilog=EXAMPLES)
@click.argument("base", metavar="BASE", shell_complete=complete("files"))
@click.argument("new", metavar="NEW", shell_complete=complete("files"))
@with_options
def command(
    inputs: PredictionOptions,
    of_base: BaseOptions,
    slicing: SlicingOptions,
    stated: StatedOptions,
    speed: SpeedOptions,
    engine: EngineOptions,
    unit: UnitOptions,
    gating: DivergenceGatingOptions,
    saving: StateOptions,
    reports: ReportOptions,
    printing: PrintingOptions,
    base: str,
    new: str,
) -> Outcome:
    """How far has the model of NEW moved from that of BASE, on the same rows? The KL divergence of their
    predictions row by row, without labels: for a model that was quantized, distilled, or trained again.
    """
    from xentcli.api import DivergenceRequest, diverge_files

    reports.refuse_unused(gating.require)
    target = state_target(saving.save_state)
    with watch(printing) as progress:
        request = DivergenceRequest(
            base=of_base.instead_of(inputs).request((base,)),
            new=inputs.request((new,), slicing),
            on=inputs.on,
            policy=stated.policy(),
            unit=Unit(unit.unit),
            gating=gating.request(),
            engine=engine.request(speed.threads, progress),
            save_state=target,
        )
        result = diverge_files(request)
    outcome = with_state(outcome_of(result, printing, result.notices), target)
    return with_verdict(outcome, result.verdicts, reports, result, exit_zero=gating.exit_zero)
