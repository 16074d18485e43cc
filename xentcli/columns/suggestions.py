"""What to type for columns that names alone do not tell: scores and labels inside other columns, or as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xentcli.columns.column_types import holds_numbers
from xentcli.columns.columns import OPTIONS
from xentcli.columns.layouts import class_and_score
from xentcli.columns.names import LABEL_NAMES, families
from xentcli.sources.arrays import is_list, is_struct
from xentcli.wording import typed

if TYPE_CHECKING:
    from xentcli.columns.lookup import ColumnLookup

_LOGITS = ("filtered_resps", "logits", "logit", "rawprediction")  # lists that are no probabilities by their names
_LISTS = ("scores", "score", "probs", "probabilities", "probability", "confidences", "predictions", *_LOGITS)
TOKEN_LISTS = ("token_logprobs", "prompt_logprobs", "token_logprob", "logprobs", "logprob", "log_probs", "logps")


def suggest_scores(lookup: ColumnLookup, label: str | None) -> str | None:
    """The options that name scores in nested columns; None where nothing looks like them."""
    columns = [name for name in (*lookup.names, *lookup.paths) if name != label]
    named = next((each for each in columns if class_and_score(lookup.types[each])), None)
    if named is not None:
        return typed("--prob", named)
    lists = [each for each in columns if _last(each) in _LISTS and holds_numbers(lookup.types[each])]
    lists.sort(key=lambda each: _LISTS.index(_last(each)))
    if lists:
        option = "--logit" if _last(lists[0]) in _LOGITS else "--prob"
        return typed(option, lists[0])
    return _inside(lookup, label)


def suggest_label(lookup: ColumnLookup) -> str | None:
    """The option that names a label inside another column."""
    found = [each for each in lookup.paths if _last(each) in LABEL_NAMES and not _is_nested(lookup, each)]
    return typed("--label", found[0]) if len(found) == 1 else None


def suggest_targets(lookup: ColumnLookup) -> str | None:
    """The option that names soft labels: the only other lists, as long as those of the scores."""
    lists = [each for each in lookup.names if holds_numbers(lookup.types[each])]
    scores = [each for each in lists if families([each], ())]
    others = [each for each in lists if each not in scores]
    if len(scores) != 1 or len(others) != 1:
        return None
    lengths = {lookup.peek.first_list(each)[0] for each in lists}
    return typed("--target", others[0]) if len(lengths) == 1 else None


def suggest_tokens(lookup: ColumnLookup) -> str | None:
    """The option that names a list of the log-probabilities of tokens."""
    found = [each for each in (*lookup.names, *lookup.paths) if is_token_list(lookup, each)]
    found.sort(key=lambda each: TOKEN_LISTS.index(_last(each)))
    return typed("--logprob", found[0]) if found else None


def is_token_list(lookup: ColumnLookup, column: str) -> bool:
    """Whether a column holds lists of log-probabilities of tokens, by its name."""
    return _last(column) in TOKEN_LISTS and holds_numbers(lookup.types[column])


def _inside(lookup: ColumnLookup, label: str | None) -> str | None:
    """Columns of one object that are named as those of a flat table would be."""
    objects: dict[str, dict[str, str]] = {}
    for path in lookup.paths:
        outer, _, last = path.rpartition(".")
        if path != label and not _is_nested(lookup, path):
            objects.setdefault(outer, {})[last] = path
    for inside in objects.values():
        found = families(tuple(inside), ())
        if len(found) == 1:
            return typed(OPTIONS[found[0].kind], *(inside[last] for last in found[0].columns))
    return None


def _last(column: str) -> str:
    return column.rpartition(".")[2].casefold()


def _is_nested(lookup: ColumnLookup, column: str) -> bool:
    kind = lookup.types[column]
    return kind is not None and (is_list(kind) or is_struct(kind))
