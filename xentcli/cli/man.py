"""`python -m xentcli.cli.man DIR` writes the manual pages: `xent.1`, `xent-score.1` and so on.

They are made from what the help pages are made from. click-man loses groups of options, examples and exit codes,
and dates each page by the clock.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from xentcli import __version__
from xentcli.cli.commands import COMMANDS, MORE, xent
from xentcli.cli.help import GroupedCommand
from xentcli.cli.help.epilog import Epilog, Example, command_lines
from xentcli.cli.help.page import OptionHelp
from xentcli.files import reason

_WIDTH = 68  # characters of an example, within the margins of 80 columns
_SPECIAL = str.maketrans({"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"})

_EXITS = [("130, 141, 143", "ended by Ctrl-C, a closed pipe or SIGTERM")]
_ENVIRONMENT = [
    ("NO_COLOR", "If not empty, nothing is colored or bold."),
    ("FORCE_COLOR", "If not empty, colors are also used in a pipe."),
    ("COLUMNS", "How many characters a line has; it also counts in a pipe."),
    ("XENT_TIMEOUT", "Seconds that a store may stay silent; default: 15."),
]
_FILES = [
    ("pyproject.toml", "Defaults in [tool.xent], requirements in [tool.xent.gate]; here or in a folder above."),
    ("xent.toml", "The same, without tool.xent in the names of its tables."),
]


def write_pages(folder: Path) -> None:
    """Write a page for xent and for each of its commands into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    root = click.Context(xent, info_name="xent", **xent.context_settings)
    (folder / "xent.1").write_text(_overview(root), encoding="utf-8")
    for name in COMMANDS:
        (folder / f"xent-{name}.1").write_text(_page_of(name, root), encoding="utf-8")


def _overview(root: click.Context) -> str:
    options = [OptionHelp.of(each, root) for each in xent.get_params(root)]
    commands = [(f"xent-{name}(1)", about) for name, about in COMMANDS.items()]
    parts = [
        *_start("xent", "how good are the probabilities in a prediction file?", root),
        ".SH COMMANDS", *_definitions(commands),
        ".SH OPTIONS", *_options(option for option in options if option is not None),
        *_examples(Epilog.parse(xent.epilog).examples),
        ".SH MORE HELP", *_definitions(MORE.items()),
        *_end([name for name, _ in commands]),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _page_of(name: str, root: click.Context) -> str:
    command = xent.get_command(root, name)
    assert isinstance(command, GroupedCommand)
    ctx = click.Context(command, parent=root, info_name=name)
    epilog = Epilog.parse(command.epilog)
    parts = [*_start(f"xent-{name}", COMMANDS[name], ctx), *_paragraphs(epilog.notes), ".SH OPTIONS"]
    for title, options in command.groups(ctx):
        parts += [f".SS {escaped(title)}", *_options(options)]
    parts += [
        *_examples(epilog.examples),
        ".SH EXIT STATUS", *_definitions([*epilog.exit_codes(), *_EXITS]),
        *_end(["xent(1)"]),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _start(name: str, about: str, ctx: click.Context) -> Iterator[str]:
    """The head of a page, with no date: the same version has the same bytes."""
    yield from (f'.TH {escaped(name.upper())} 1 "" "xent {__version__}"', ".ad l")
    yield from (".SH NAME", f"{escaped(name)} \\- {escaped(about.removesuffix('.'))}")
    usage = (rf"\fI{escaped(word)}\fR" for word in ctx.command.collect_usage_pieces(ctx))
    yield from (".SH SYNOPSIS", rf"\fB{escaped(ctx.command_path)}\fR {' '.join(usage)}")
    yield from (".SH DESCRIPTION", *[*_paragraphs(inspect.cleandoc(ctx.command.help or ""))][1:])


def _end(related: Iterable[str]) -> Iterator[str]:
    yield from (".SH ENVIRONMENT", *_definitions(_ENVIRONMENT), ".SH FILES", *_definitions(_FILES))
    yield from (".SH SEE ALSO", escaped(", ".join(related)))


def _paragraphs(text: str) -> Iterator[str]:
    """Each in one line below a request; the first below a heading needs none."""
    for paragraph in text.split("\n\n"):
        if paragraph:
            yield from (".PP", escaped(" ".join(paragraph.split())))


def _options(options: Iterable[OptionHelp]) -> Iterator[str]:
    """Each option bold, its value in italics."""
    for option in options:
        words = (rf"\f{'B' if word.startswith('-') else 'I'}{escaped(word)}\fR" for word in option.usage.split())
        yield from (".TP", " ".join(words), escaped(option.text))


def _definitions(items: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, meaning in items:
        yield from (".TP", rf"\fB{escaped(term)}\fR", escaped(meaning))


def _examples(examples: Iterable[Example]) -> Iterator[str]:
    """Each as one types it, below its remark."""
    yield from (".SH EXAMPLES", ".nf")
    for command, remark in examples:
        lines = [*textwrap.wrap(remark, _WIDTH, initial_indent="# ", subsequent_indent="# ")]
        yield from map(escaped, [*lines, *command_lines(command, _WIDTH)])
    yield ".fi"


def escaped(text: str) -> str:
    r"""A line of text that roff shows as it is; a dot or a quote would begin a request there."""
    line = "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in text.translate(_SPECIAL))
    return rf"\&{line}" if line.startswith(".") else line


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, writable=True, path_type=Path))
def main(folder: Path) -> None:
    """Write the manual pages of xent into DIR, such as ~/.local/share/man/man1."""
    try:
        write_pages(folder)
    except OSError as error:
        raise click.FileError(str(folder), reason(error)) from error


if __name__ == "__main__":
    main()
