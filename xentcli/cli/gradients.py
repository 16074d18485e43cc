"""`xent gradients`."""

import click

from xentcli.cli.groups.inputs import InputOptions
from xentcli.cli.groups.scoring import EngineOptions, ScoringOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, complete, with_options
from xentcli.cli.outcome import Outcome, outcome_of
from xentcli.cli.progress import watch

EXAMPLES = """\b
Examples:
  xent gradients preds.csv
  xent gradients preds.parquet --logit 'out_*' --classes cat,dog,bird
  xent gradients preds.csv --format json | jq .saturated_share
\b
Gradients are with respect to the logits: of the softmax, or of the sigmoid for
two classes. A row is saturated if the probability of its label is less than
one half and the gradient of squared error less than a tenth of cross-entropy's.
Exit codes: 0 shown; 2 wrong usage; 3 bad content; 4 cannot read or write; 70
internal error.
"""


@click.command(cls=GroupedCommand, name="gradients", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete("files"))
@with_options
def command(
    inputs: InputOptions,
    scoring: ScoringOptions,
    engine: EngineOptions,
    printing: PrintingOptions,
    files: tuple[str, ...],
) -> Outcome:
    """Show why cross-entropy trains better than squared error, on the predictions in FILE.

    For rows from certain and wrong to right: the size of the gradient of cross-entropy and of squared error, which
    vanishes where a prediction is certain and wrong.
    """
    from xentcli.api import GradientsRequest, gradients_of

    with watch(printing) as progress:
        request = GradientsRequest(
            inputs=inputs.request(files),
            policy=scoring.policy(),
            engine=engine.request(scoring.threads, progress),
        )
        result = gradients_of(request)
    return outcome_of(result, printing, result.notices)
