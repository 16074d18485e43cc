"""A page of help being written: headings, options, lists of names, examples and exit codes.

On a terminal headings and options are bold and values underlined, as in a manual page: that reads on dark and on
light, and takes no color from the reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import click

from xentcli.cli.help.epilog import Example, command_lines
from xentcli.cli.terminal import shows_color

_COLUMN = 22  # characters of an option and its value; the help of a longer one begins on the next line


class OptionHelp(NamedTuple):
    """An option as a page shows it."""

    name: str  # without dashes
    flag: str  # what one types, without a value: `--no-breakdown`
    usage: str  # with the short form and the value: `-o, --output FILE`
    text: str

    @classmethod
    def of(cls, option: click.Parameter, ctx: click.Context) -> OptionHelp | None:
        """What to show of an option; of a flag only the side that changes something. None of an argument."""
        record = option.get_help_record(ctx)
        if record is None:
            return None
        usage, text = record
        if isinstance(option, click.Option) and option.is_flag and option.secondary_opts:
            on, _, off = usage.partition(" / ")
            if option.default is not None:  # else both sides say something
                usage = off if option.default is True else on
        if isinstance(option.type, click.Choice):
            usage = usage.replace(" [", " ").removesuffix("]")
        flags = [word.rstrip(",") for word in usage.split() if word.startswith("-")]
        return cls(name_of(option), next((flag for flag in flags if flag[:2] == "--"), flags[0]), usage, text)


def name_of(parameter: click.Parameter) -> str:
    """The long name of an option, without dashes; otherwise what it is called inside."""
    return next((opt[2:] for opt in parameter.opts if opt.startswith("--")), str(parameter.name))


class HelpPage(click.HelpFormatter):
    """The help of one command, as wide as the terminal."""

    def __init__(self, ctx: click.Context) -> None:
        super().__init__(width=ctx.terminal_width, max_width=ctx.max_content_width)
        self._color = ctx.color is not False and shows_color()
        self._ctx = ctx

    def write_start(self) -> None:
        """Write how the command is called, and what it does."""
        command = self._ctx.command
        words = " ".join(command.collect_usage_pieces(self._ctx))
        self.write_usage(self._ctx.command_path, words, prefix=f"{self.bold('Usage:')} ")
        command.format_help_text(self._ctx, self)

    def write_heading(self, heading: str) -> None:
        """Write the heading of a group."""
        super().write_heading(self.bold(heading))

    def write_options(self, options: Iterable[OptionHelp], column: int = _COLUMN) -> None:
        """Write each option beside its help, which begins after so many characters."""
        self.write_dl([(self._styled(f"{each.usage:<{column}}"), each.text) for each in options], col_max=column)

    def write_words(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write what one may type, each beside what it does."""
        self.write_dl([(self.bold(words), text) for words, text in rows])

    def write_names(self, title: str, options: Iterable[OptionHelp]) -> None:
        """Write the options of a group by name only, in a paragraph."""
        self._write_hanging(title, [self.bold(option.flag) for option in options], ",")

    def write_exit_codes(self, codes: Iterable[tuple[str, str]]) -> None:
        """Write the exit codes in a paragraph that breaks between them only."""
        self.write_paragraph()
        self._write_hanging(self.bold("Exit codes"), [f"{code} {meaning}" for code, meaning in codes], ";")

    def bold(self, text: str) -> str:
        """The text as a heading or an option stands on this page."""
        return click.style(text, bold=True) if self._color else text

    def write_examples(self, examples: Sequence[Example]) -> None:
        """Write command lines that a shell takes as they stand, each with its remark further in."""
        if not examples:
            return
        with self.section("Examples"):
            for command, remark in examples:
                indent = " " * self.current_indent
                lines = command_lines(command, self.width - self.current_indent)
                self.write("".join(f"{indent}{line}\n" for line in lines))
                if remark:
                    with self.indentation(), self.indentation():
                        self.write_text(remark)

    def _write_hanging(self, title: str, items: Sequence[str], separator: str) -> None:
        """Write a paragraph that begins with a title and breaks between items; further lines are further in."""
        indent = " " * self.current_indent
        line = f"{indent}{title}:"
        for item in [*(f"{each}{separator}" for each in items[:-1]), *items[-1:]]:
            if len(click.unstyle(f"{line} {item}")) > self.width:
                self.write(f"{line}\n")
                line = f"{indent} "
            line += f" {item}"
        self.write(f"{line}\n")

    def _styled(self, usage: str) -> str:
        """An option and its value, `-o, --output FILE`: the option is bold, the value underlined."""
        return " ".join(self._styled_word(word) for word in usage.split(" ")) if self._color else usage

    def _styled_word(self, word: str) -> str:
        if not word.startswith("-"):
            return click.style(word, underline=True) if word.strip("/") else word
        name = word.rstrip(",")
        return self.bold(name) + word[len(name) :]
