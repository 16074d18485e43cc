"""Errors in the words of Python: arguments in place of the options of the command line that they name."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterator

from xentcli.api.arguments import ARRAYS
from xentcli.columns.columns import parse_list
from xentcli.errors import XentError
from xentcli.results.pictures import KINDS

_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)\b(?:[ =]((?:'[^']*'|\"'\")+|[^\s'\";)]+))?")
_FLAGS = {
    "normalize": "normalize=True",
    "multilabel": "multilabel=True",
    "allow-extra": "allow_extra=True",
    "no-header": "header=False",
    "no-breakdown": "breakdown=False",
}
_NUMBERS = {"clip", "sum-tolerance", "label-smoothing", "threads", "shard", "skip-lines", "confidence", "anytime"}
_BY_CLASS = {"class-weight", "prior", "bins"}
_NOT_ARGUMENTS = {"format", "output", "config", "junit", "github", "exit-zero", "help", "init"}
# Words that go on with a sentence after the name of an option, where a value could stand.
_PROSE = re.compile(
    r"also|and|are|as|by|cannot|does|excludes?|for|gives?|has|have|if|in|is|leaves|left|lets|limits|matches|more|names"
    r"|needs|of|or|orders|reads|says|so|takes|that|the|to|too|what|where|which|with|would"
)
_COMMANDS = (
    ("xent score FILE --save-state STATE", 'score(data, save_state="STATE")'),
    ("xent score or gate --format json", "score(data).to_json()"),
    ("xent score --format json", "score(data).to_json()"),
    ("xent explain lists", "explain() lists"),
    *((f"xent plot {kind} ", f'plot("{kind}", data) ') for kind in KINDS),
    ("xent rank A B C..., or one file with --model NAME=COLS for each", 'rank({"a": A, "b": B})'),
    ("xent score FILE scores one", "score(data) scores one"),
    ("--model NAME=COLS, once for each,", 'models={"NAME": "COLS", ...}'),
    ("--name FILE=NAME calls one otherwise", "a dict gives them names"),
)
_OF_A_COLUMN = re.compile(r"--(?:prob|logit|logprob) (?:'[^']*'|\S+)=\S+ or ")  # where scores have no column
_UNNAMED = re.compile(r'no label is "\w+", the class of column "(prob|logit|logprob)"')  # as arrays are called
_COMPARE = re.compile(
    r"\bxent compare ('[^']*'|\S+) ('[^']*'|\S+)(?P<options>(?: --[a-z-]+(?: '[^']*'| [^\s'-]\S*)?)*)"
)
_RANKED = re.compile(
    r"\bxent rank(?P<files>(?: (?:'[^']*'|[^\s'-]\S*))+?)(?P<options>(?: --[a-z-]+(?: '[^']*'| [^\s'-]\S*)?)+)"
)
_MODEL = re.compile(r" --model ('[^']*'|\S+)")


def in_arguments(error: XentError, known: Collection[str], *, arrays: bool = False) -> None:
    """Make an error speak of the arguments `known`, and carry its hint as a note; of `arrays` where scores are."""
    error.message = translated(error.message, known, arrays, hint=False)
    if arrays:
        error.message = _UNNAMED.sub(
            lambda found: f"{ARRAYS[found[1]]}= does not say which class it is of", error.message
        )
    error.args = (error.message, *error.args[1:])
    if error.hint is not None:
        error.hint = translated(error.hint, known, arrays, hint=True)
        error.add_note(f"hint: {error.hint}")


def translated(text: str, known: Collection[str], arrays: bool, *, hint: bool) -> str:
    """A text with arguments in place of options; in a `hint`, words after an option are more likely its value."""
    if arrays:
        text = _OF_A_COLUMN.sub("", text)
    for command, call in _COMMANDS:
        text = text.replace(command, call)

    def comparison(found: re.Match[str]) -> str:
        files = map(_quoted, map(_plain, found.groups()[:2]))
        options = "".join(_pieces(found["options"].strip(), known, arrays, hint))
        return f"compare({', '.join([*files, *filter(None, [options])])})"

    def ranking(found: re.Match[str]) -> str:
        files = [_quoted(each) for each in map(_plain, re.findall(r"'[^']*'|\S+", found["files"]))]
        pairs = (_plain(each).partition("=") for each in _MODEL.findall(found["options"]))
        models = ", ".join(f"{_quoted(name)}: {_quoted(columns)}" for name, _, columns in pairs)
        options = "".join(_pieces(_MODEL.sub("", found["options"]).strip(), known, arrays, hint))
        data = files[0] if models else f"[{', '.join(files)}]"
        return f"rank({', '.join(filter(None, [data, models and f'models={{{models}}}', options]))})"

    text = _RANKED.sub(ranking, _COMPARE.sub(comparison, text))
    return "".join(_pieces(text, known, arrays, hint))


def _pieces(text: str, known: Collection[str], arrays: bool, hint: bool) -> Iterator[str]:
    """The text piece by piece; options that follow one another are arguments with commas between them."""
    end, last = 0, ""  # the last option, which is not yet written
    values: list[str | None] = []  # those of it, as an option may be repeated
    for option in _OPTION.finditer(text):
        name, value, stop = _cut(option, hint)
        between = text[end : option.start()]
        if last and not (between == " " and name == last):
            yield _argument(last, values, known, arrays)
            last = ""
        if last:
            values.append(value)
        else:
            yield ", " if between == " " and end else between
            last, values = name, [value]
        end = stop
    if last:
        yield _argument(last, values, known, arrays)
    yield text[end:]


def _cut(option: re.Match[str], hint: bool) -> tuple[str, str | None, int]:
    """The name of an option, the value after it if it has one, and where they end."""
    name, value = option[1], option[2]
    if value is None or name in _FLAGS or (name not in _NOT_ARGUMENTS and not _is_value(name, value, hint)):
        return name, None, option.end(1)
    kept = value if value == "," or value.endswith("...") else value.rstrip(",:?.")
    return name, kept, option.start(2) + len(kept)


def _is_value(name: str, word: str, hint: bool) -> bool:
    """Whether a word after an option is its value; in a message, which says what is wrong, few words are."""
    bare = word.rstrip(",:?.;")
    if bare.startswith("--") or _PROSE.fullmatch(bare):
        return False
    return hint or not re.fullmatch(r"[a-z]*", bare) or (name, bare) in (("missing", "skip"), ("engine", "dask"))


def _argument(option: str, values: list[str | None], known: Collection[str], arrays: bool) -> str:
    """An option and its values as an argument; one that is no argument stays as it is."""
    if option in _FLAGS:
        return _FLAGS[option]
    name = option.replace("-", "_")
    plain = [_plain(value) for value in values if value is not None]
    if name not in known or option in _NOT_ARGUMENTS:
        return " ".join([f"--{option}", *(value for value in values if value is not None)])
    if arrays and name in ARRAYS:
        return f"{ARRAYS[name]}="
    if not plain:
        return f"{name}="
    written = [_value(option, value) for value in plain]
    return f"{name}={written[0]}" if len(written) == 1 else f"{name}=[{', '.join(written)}]"


def _plain(value: str) -> str:
    """A value as it is before a shell has it quoted."""
    try:
        [found] = shlex.split(value)
    except ValueError:
        return value
    return found


def _value(option: str, value: str) -> str:
    """A value as Python has it."""
    if option in _NUMBERS:
        return value
    if option == "classes":
        items = [item if item == "..." else _quoted(item) for item in parse_list(value)]
        return f"[{', '.join(items)}]"
    if option in _BY_CLASS and "=" in value:
        return f"{{{', '.join(_pairs(option, value))}}}"
    return _quoted(value)


def _pairs(option: str, value: str) -> Iterator[str]:
    """`A=2,B=1` as entries of a dictionary."""
    for item in [value] if option == "bins" else parse_list(value):
        name, _, given = item.rpartition("=")
        yield f"{_quoted(name)}: {f'[{given}]' if option == 'bins' else given}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
