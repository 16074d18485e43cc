"""What to type for columns that names alone do not tell: scores and labels inside other columns, or as lists."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from xentcli.columns.column_types import holds_numbers, is_number, is_whole_number
from xentcli.columns.columns import OPTIONS
from xentcli.columns.layouts import class_and_score
from xentcli.columns.names import LABEL_NAMES, SINGLE_NAMES, families, has_score_prefix, label_candidates
from xentcli.errors import ContentError
from xentcli.sources.arrays import is_list, is_struct, leaf_type
from xentcli.wording import typed

if TYPE_CHECKING:
    from xentcli.columns.lookup import ColumnLookup

_LOGITS = ("filtered_resps", "logits", "logit", "rawprediction")  # lists that are no probabilities by their names
_LISTS = ("scores", "score", "probs", "probabilities", "probability", "confidences", "predictions", *_LOGITS)
TOKEN_LISTS = ("token_logprobs", "prompt_logprobs", "token_logprob", "logprobs", "logprob", "log_probs", "logps")

_TURN = (  # what writes the rows of the columns of one object
    "import json,sys; c=json.load(sys.stdin); [print(json.dumps(dict(zip(c, r)))) for r in zip(*c.values())]"
)


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
    tokens = [each for each in columns if _last(each) in TOKEN_LISTS[:2] and is_token_list(lookup, each)]
    if tokens:
        return typed("--logprob", tokens[0])
    return _object_of_classes(lookup, label) or _inside(lookup, label) or _only_list(lookup, label)


def _object_of_classes(lookup: ColumnLookup, label: str | None) -> str | None:
    """An object of numbers whose keys are the labels."""
    seen = set() if label is None else lookup.peek.labels(label)
    for name in (*lookup.names, *lookup.paths):
        kind = lookup.types[name]
        fields = list(kind) if kind is not None and is_struct(kind) else []
        if seen and seen <= {field.name for field in fields} and all(is_number(field.type) for field in fields):
            return typed("--prob", name)
    return None


def _only_list(lookup: ColumnLookup, label: str | None) -> str | None:
    """The only list of numbers that are not whole by their type."""
    lists = [each for each in lookup.names if each != label and holds_numbers(lookup.types[each])]
    lists = [each for each in lists if not is_whole_number(leaf_type(lookup.types[each]))]
    return typed("--prob", lists[0]) if len(lists) == 1 else None


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
    found = [each for each in found if not any(map(str.isdecimal, each.split(".")))]  # keys that are ids of tokens
    found.sort(key=lambda each: TOKEN_LISTS.index(_last(each)))
    return typed("--logprob", found[0]) if found else None


def is_token_list(lookup: ColumnLookup, column: str) -> bool:
    """Whether a column holds lists of log-probabilities of tokens, by its name; text may hold them as JSON."""
    if _last(column) not in TOKEN_LISTS:
        return False
    kind = lookup.types[column]
    return lookup.is_nested(column) if kind is None and column in lookup.names else holds_numbers(kind)


def refuse_around_tokens(lookup: ColumnLookup, column: str) -> None:
    """Raise where a column holds objects, in lists or not, that hold the log-probabilities of tokens."""
    kind = lookup.types[column]
    if kind is None or not is_struct(leaf_type(kind)) or class_and_score(kind):
        return
    inside = [each for each in lookup.paths if each.startswith(f"{column}.") and _last(each) in TOKEN_LISTS]
    inside = [each for each in inside if (of := lookup.types[each]) is None or is_number(leaf_type(of))]
    if inside:
        hint = f"{typed('--logprob', min(inside, key=lambda each: each.count('.')))} is inside it"
        message = "holds objects with several values, not log-probabilities"
        raise ContentError("not_a_number", message, hint=hint, where=lookup.where, column=column)


def refuse_turned(lookup: ColumnLookup) -> None:
    """Raise a `ContentError` where the only row has a list of labels, and one in a column of single scores."""
    source, spec = lookup.peek.source, lookup.spec
    if source.format not in ("json", "jsonl") or spec.soft or spec.logprob or spec.multilabel:
        return
    lists = [name for name in lookup.names if (kind := lookup.types[name]) is not None and is_list(kind)]
    scores = [name for name in lists if name.casefold() in SINGLE_NAMES or has_score_prefix(name)]
    labels = label_candidates(lists) if spec.label is None else [name for name in lists if name == spec.label]
    if not scores or not labels or not lookup.peek.is_one_row(lists[0]):
        return
    hint = f"python -c {quote(_TURN)} < {quote(source.name)} | xent score - writes a row for each label"
    message = "is one object of columns, not of a row"
    raise ContentError("format", message, hint=hint, where=lookup.where)


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
