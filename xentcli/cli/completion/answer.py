"""What a shell asks for by `_XENT_COMPLETE=bash_complete`, and the scripts that make it ask.

Zsh and fish have Click's scripts, bash one that quotes what it inserts and takes names with blanks or stars as
they are. Click would write its answers itself, to a stream that the runner does not have.
"""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

VARIABLE = "_XENT_COMPLETE"

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line value
    local -a lines
    mapfile -t lines < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
    COMPREPLY=()
    for line in "${lines[@]}"; do
        value=${line#*,}
        case ${line%%%%,*} in
            file) compopt -o default 2>/dev/null; COMPREPLY=(); return 0 ;;
            nospace) compopt -o nospace 2>/dev/null ;;
        esac
        case ${COMP_WORDS[COMP_CWORD]} in
            [\\'\\"]*) ;;
            *) printf -v value %%q "$value" ;;
        esac
        COMPREPLY+=("$value")
    done
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _WithWords(ShellComplete):
    """Words before the one to complete are the object of the context: of an option without its value, Click keeps
    the options before it only, and no files.
    """

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        self.ctx_args = {"obj": tuple(args)}
        return super().get_completions(args, incomplete)


class _Bash(_WithWords, BashComplete):
    """Bash, which takes `--label=x` for three words."""

    source_template = _BASH

    def source(self) -> str:
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        if incomplete == "=":
            return args, ""
        if len(args) > 1 and args[-1] == "=" and args[-2].startswith("--"):
            del args[-1]
        return args, incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.type},{item.value}"


class _Zsh(_WithWords, ZshComplete):
    """Zsh, which has no word for what no blank follows."""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return super().format_completion(_plain(item))


class _Fish(_WithWords, FishComplete):
    """Fish, with names that have a comma."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split -m 1 ","')

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return super().format_completion(_plain(item))


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def _plain(item: CompletionItem[Any]) -> CompletionItem[Any]:
    return item if item.type == "file" else CompletionItem(item.value, "plain", item.help)


def script(shell: str) -> str:
    """The script that a shell evaluates."""
    return _of(shell).source()


def answer(instruction: str) -> str:
    """What a shell is told that asks `bash_complete`, or `bash_source` for its script; else nothing."""
    shell, _, what = instruction.partition("_")
    if shell not in _SHELLS or what not in ("source", "complete"):
        return ""
    try:
        return script(shell) if what == "source" else f"{_of(shell).complete()}\n"
    except (click.ClickException, OSError, ValueError, LookupError):
        return ""  # there is nobody to tell


def _of(shell: str) -> ShellComplete:
    from xentcli.cli.commands import xent

    return _SHELLS[shell](xent, {}, "xent", VARIABLE)
