"""Following a hint literally: the options that stand in it, typed after the command that was refused."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from tests.cli.runner import Run, error_of, xent
from xentcli.cli.commands import xent as commands

_DEEPEST = 4  # hints one after the other

# Values that a person has to fill in: COL, CLASS=COL, A,B,..., tcp://HOST:PORT
_BLANK = re.compile(r"[A-Z]+(?:[=,][A-Z.]+)*|.*\.\.\..*|.*\b(?:HOST|PORT)\b.*")
_WHOLE = re.compile(r"\bxent ((?:compare|rank) .*--.*)$")
_OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*)(?:[ =](.*))?", re.S)


def run_as_json(folder: Path, arguments: Sequence[str]) -> Run:
    """Run it for its JSON, of the result or of the error."""
    return xent(*arguments, "--format", "json", cwd=folder)


def follow(
    folder: Path, command: Sequence[str], error: Mapping[str, Any], check: Callable[[Run, str], object]
) -> None:
    """Type what the hints of an error say until they lead to a result, which is checked; none may lead back."""
    pending = [(list(command), error, [_kind(error)])]
    while pending:
        typed, error, before = pending.pop()
        for following in commands_after(typed, error["hint"] or ""):
            shown = shlex.join(following)
            run = run_as_json(folder, following)
            if run.code == 0:
                check(run, shown)
                continue
            then = error_of(run)
            assert _kind(then) not in before, f"xent {shown} is no nearer: {then['message']} ({then['hint']})"
            if len(before) < _DEEPEST:
                pending.append((following, then, [*before, _kind(then)]))


def _kind(error: Mapping[str, Any]) -> tuple[object, ...]:
    return error["code"], error["message"]


def commands_after(command: Sequence[str], hint: str) -> Iterator[list[str]]:
    """The command with each option of the hint that can be typed as it stands; then with all of them at once.

    An option that the command has already is replaced, unless it may be repeated.
    """
    if whole := _WHOLE.search(hint):  # another command, which has its own options
        yield shlex.split(whole[1])
        hint = hint[: whole.start()]
    found = [*_options(command[0], hint)]
    once = [*dict.fromkeys(tuple(each) for each in found)]
    for each in once:
        yield _with(command, [each])
    if len({each[0] for each in once}) > 1:
        yield _with(command, once)


def _with(command: Sequence[str], added: Sequence[tuple[str, ...]]) -> list[str]:
    names = {each[0] for each in added}
    kept: list[str] = []
    rest = iter(command)
    for word in rest:
        name, _, value = word.partition("=")
        if name in names:
            if not value and len(next(each for each in added if each[0] == name)) > 1:
                next(rest, None)
        else:
            kept.append(word)
    return [*kept, *(word for each in added for word in each)]


def _options(command: str, text: str) -> Iterator[tuple[str, ...]]:
    """The options in a text that this command has, each with its value."""
    declared = {
        name: option
        for option in _parameters(command)
        if isinstance(option, click.Option)
        for name in (*option.opts, *option.secondary_opts)
    }
    while match := _OPTION.search(text):
        name, rest = match[1], match[2] or ""
        text = text[match.end(1) :]
        assert name in declared, f"xent {command} has no {name}"
        option = declared[name]
        if option.is_flag:
            yield (name,)
        elif (value := _first_word(rest)) and not _BLANK.fullmatch(value):
            yield name, value


def _parameters(command: str) -> Sequence[click.Parameter]:
    found = commands.get_command(click.Context(commands), command)
    assert found is not None, command
    return found.params


def _first_word(text: str) -> str:
    """What a shell would take as the value; the punctuation of the sentence is none of it."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        word = next(lexer, "")
    except ValueError:  # a quotation mark of the sentence
        return ""
    quoted = text.startswith(("'", '"'))
    return word if quoted else word.rstrip(",;:.)?") or word
