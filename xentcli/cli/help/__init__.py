"""Help pages: the options in groups, each under a heading. `--help` is one screen, `xent help COMMAND` is all."""

from __future__ import annotations

from collections.abc import Iterator

import click

from xentcli.cli.help.epilog import Epilog
from xentcli.cli.help.page import HelpPage, OptionHelp, name_of

SECTIONS: dict[str, tuple[str, ...]] = {
    "Rows listed": ("n", "show"),
    "Picture": ("band", "axis"),
    "Recalibration": (
        "method", "folds", "fold-column", "folds-forward", "prior-from", "prior-to", "kept", "cross-fit", "suffix",
        "logits", "interval",
    ),
    "Models": ("model", "name", "base"),
    "Columns": (
        "label", "prob", "logit", "logprob", "predicted", "positive", "classes", "classes-in", "target",
        "target-logit", "weight", "bytes", "doc", "multilabel", "class-column", "base-prob", "base-logit",
        "base-logprob",
    ),
    "Labels and ids": ("labels", "on", "allow-extra"),
    "Reading": (
        "na", "delimiter", "decimal", "comment", "skip-lines", "no-header", "input-format", "log-base", "engine",
        "scheduler", "threads",
    ),
    "Rows and row losses": (
        "where", "missing", "ignore-label", "normalize", "sum-tolerance", "clip", "class-weight",
        "label-smoothing",
    ),
    "Slices and clusters": ("by", "bins", "cluster"),
    "Breakdown": ("breakdown", "prior", "ordinal", "reliability"),
    "Requirements": (
        "require", "baseline", "level", "anytime", "confidence", "exit-zero", "init", "junit", "github", "report",
    ),
    "States": ("save-state", "shard"),
    "Output": ("unit", "format", "json", "output", "pictures", "title", "full", "quiet", "no-color"),
    "Configuration and help": ("config", "no-config", "help"),
}  # fmt: skip

# What people commonly need of a command, "" standing for any other: `--help` explains these options, and names the
# rest.
COMMON: dict[str, tuple[str, ...]] = {
    "": (
        "label", "prob", "logit", "positive", "by", "bins", "cluster", "require", "baseline", "unit", "format",
        "output",
    ),
    "gate": (
        "label", "prob", "logit", "positive", "by", "require", "baseline", "confidence", "init", "junit", "format",
        "output",
    ),
    "apply": ("suffix", "logits", "interval", "prob", "logit", "positive", "classes", "missing", "output"),
    "calibrate": ("method", "prior-to", "kept", "label", "prob", "logit", "positive", "require", "output"),
    "compare": ("label", "prob", "logit", "base-prob", "on", "by", "cluster", "require", "format", "output"),
    "plot": ("band", "axis", "base", "name", "label", "prob", "logit", "positive", "by", "unit", "output"),
    "report": ("title", "base", "label", "prob", "logit", "on", "by", "require", "output"),
    "rank": (
        "model", "name", "base", "on", "by", "cluster", "require", "format", "output",
    ),
    "divergence": (
        "label", "prob", "logit", "logprob", "base-prob", "on", "by", "cluster", "require", "format", "output",
    ),
    "merge": ("require", "baseline", "confidence", "junit", "save-state", "unit", "format", "output"),
    "worst": ("n", "show", "label", "prob", "logit", "positive", "on", "unit", "format", "output"),
}  # fmt: skip
_FIRST = {"gate": "Requirements"}  # the group of a command that is not first in the order above
_FEW = 15  # options of a command whose `--help` explains all
_EXAMPLES = 4  # that `--help` shows


class GroupedCommand(click.Command):
    """A command whose help lists its options by what they are about."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let `--no-color` hold for help on the same line, which is shown before other options count."""
        if "--no-color" in args:
            ctx.color = False
        return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """What fits on one screen: the common options, the names of the others, some examples."""
        if len(self.get_params(ctx)) <= _FEW:
            return self.all_help(ctx)
        page, epilog = HelpPage(ctx), Epilog.parse(self.epilog)
        page.write_start()
        self._write_common_options(ctx, page)
        page.write_examples([example._replace(remark="") for example in epilog.examples[:_EXAMPLES]])
        page.write_exit_codes(epilog.exit_codes())
        return f"{page.getvalue()}{page.bold('All of it')}: xent help {ctx.info_name}"

    def all_help(self, ctx: click.Context) -> str:
        """Every option and every example."""
        page, epilog = HelpPage(ctx), Epilog.parse(self.epilog)
        page.write_start()
        for title, options in self.groups(ctx):
            with page.section(title):
                page.write_options(options)
        page.write_examples(epilog.examples)
        if epilog.notes:
            page.write_paragraph()
            page.write_text(epilog.notes)
        page.write_exit_codes(epilog.exit_codes())
        return page.getvalue().rstrip("\n")

    def groups(self, ctx: click.Context) -> Iterator[tuple[str, list[OptionHelp]]]:
        """The groups that the command has options of, in order."""
        options = {name_of(each): each for each in self.get_params(ctx) if isinstance(each, click.Option)}
        first = _FIRST.get(str(self.name))
        for title, names in sorted(SECTIONS.items(), key=lambda section: section[0] != first):
            found = [OptionHelp.of(options[name], ctx) for name in names if name in options]
            shown = [option for option in found if option is not None]
            if shown:
                yield title, shown

    def _write_common_options(self, ctx: click.Context, page: HelpPage) -> None:
        """Write the groups that have common options, then a paragraph for each other one."""
        rare, names = [], COMMON.get(str(self.name), COMMON[""])
        for title, options in self.groups(ctx):
            common = [option for option in options if option.name in names]
            if not common:
                rare.append((title, options))
                continue
            with page.section(title):
                page.write_options(common)
                others = [option for option in options if option.name not in names]
                if others:
                    page.write_names("also", others)
        page.write_paragraph()
        for title, options in rare:
            page.write_names(page.bold(title), options)
