"""What a shell asks for by `_XENT_COMPLETE=bash_complete`, and the scripts that make it ask.

The scripts are our own: Click's quote nothing in bash, leave a blank behind `COL=` in zsh, and in zsh and fish
replace the whole of `--label=x` by what stands behind its `=`. Click would also write its answers itself, to a
stream that the runner does not have.
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
            *) printf -v value %%q "$value"; value=${value//\\\\,/,} ;;
        esac
        COMPREPLY+=("$value")
    done
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a whole open described answer
    local type key help
    answer=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete "${words[1]}" 2>/dev/null)}")
    for type key help in ${answer}; do
        case $type in
            file) [[ $PREFIX == --*=* ]] && compset -P '*='; _path_files -f ;;
            nospace) open+=("$key") ;;
            *) if [[ $help == _ ]]; then whole+=("$key"); else described+=("$key:$help"); fi ;;
        esac
    done
    (( ${#described} )) && _describe -V unsorted described -U
    (( ${#whole} )) && compadd -U -V unsorted -a whole
    (( ${#open} )) && compadd -U -S '' -V unsorted -a open
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
function %(complete_func)s
    set -l option (string match -r -- '^--[^=]*=' (commandline -ct))
    for line in (COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -ct) \\
        %(complete_var)s=fish_complete %(prog_name)s 2>/dev/null)
        set -l item (string split -m 1 , -- $line)
        if test $item[1] = file
            for path in (__fish_complete_path $item[2])
                echo "$option$path"
            end
        else
            echo $item[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments '(%(complete_func)s)'
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


class _WholeWords(_WithWords):
    """A shell that takes `--label=x` for one word, all of which an answer replaces."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        option, equal, _ = incomplete.partition("=")
        found = super().get_completions(args, incomplete)
        if not (equal and option.startswith("--")):
            return found
        return [i if i.type == "file" else CompletionItem(f"{option}={i.value}", i.type, i.help) for i in found]


class _Zsh(_WholeWords, ZshComplete):
    """Zsh."""

    source_template = _ZSH


class _Fish(_WholeWords, FishComplete):
    """Fish, which puts no blank behind `=` of itself."""

    source_template = _FISH


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


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
