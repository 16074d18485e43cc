"""What to type where the names of columns do not tell the label or the scores."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from xentcli.columns.columns import list_text
from xentcli.columns.like_labels import columns_of_numbers, like_within
from xentcli.columns.lookup import ColumnLookup
from xentcli.columns.names import LABEL_NAMES, PLAIN_NUMBER, families
from xentcli.columns.suggestions import suggest_label, suggest_scores, suggest_targets, suggest_tokens
from xentcli.errors import RequestError
from xentcli.wording import nearest, typed

_PREDICTED = re.compile(
    r"(?:^|[^a-z])(?:pred[a-z]*|forecast|guess|assigned|decision|output|y_?hat|labels?|class|top)(?:[^a-z]|$)",
    re.I,
)
_SCORE = re.compile(r"prob|score|conf|likelihood|certainty|p_?hat|^prediction$|^p$", re.I)
_TRUE = ("gold", "truth", "y_true", "actual", "true", "obs", "target", "y_test")  # beside a predicted "label"
_PREDICTION_OF = re.compile(
    r"prediction ?\((.+)\)|(.+)_prediction|I_(.+)|(.+)[._](?:pred|predicted)|pred(?:icted|iction)?[._ ](.+)", re.I
)
_FEW = 100  # different values of a label


def no_label(lookup: ColumnLookup) -> RequestError:
    """That no column is called as labels are, and what to type."""
    if not lookup.unnamed:
        message = f"no label column (looked for {', '.join(LABEL_NAMES)})"
        return lookup.error("no_label", message, _advise_no_label(lookup))
    spec = lookup.spec
    scores = "" if spec.prob or spec.logit or spec.logprob else ", nor which are the scores"
    message = f"the columns have no names, and no option says which is the label{scores}"
    return lookup.error("no_label", message, f"{_without_names(lookup)}; {lookup.column_list()}")


def _advise_no_label(lookup: ColumnLookup) -> str:
    """The hint where no column is called as labels are."""
    columns, inside, tokens = lookup.column_list(), suggest_label(lookup), suggest_tokens(lookup)
    if soft := _one_hot(lookup):
        return f"{soft} reads columns of 0 and 1, or of shares, as labels; {columns}"
    if targets := suggest_targets(lookup):
        return f"soft labels? {targets}; {columns}"
    if (predicted := _predicted_column(lookup)) is not None:
        return f"{typed('--label', predicted)}, which another column holds predictions of; {columns}"
    close = nearest("label", [name for name in lookup.names if "=" not in name])
    perhaps = inside or (typed("--label", close) if close else "")
    hint = (
        f"{f'tokens? {tokens}; ' if tokens else ''}--label COL names it{perhaps and f', perhaps {perhaps}'}, "
        f"--labels FILE has it, --target COL is for soft labels; {columns}"
    )
    mark = re.search(r"[ :^~]", lookup.names[0]) if len(lookup.names) == 1 else None
    if mark and lookup.peek.source.remedy is None:
        hint = f"one column: do the fields end at {mark[0]!r}? {typed('--delimiter', mark[0])} says so; {hint}"
    if no_header := advise_no_header(lookup):
        hint = f"{no_header}; {hint}"
    return hint


def advise_no_header(lookup: ColumnLookup) -> str:
    """That the first line is no header, where a column is called as a number is; else nothing."""
    bare = not lookup.unnamed and any(map(PLAIN_NUMBER.fullmatch, lookup.names)) and not _counted(lookup)
    return "the first line looks like data: --no-header reads it as such" if bare else ""


def _counted(lookup: ColumnLookup) -> list[str]:
    """The columns called 0, 1, ... beside others with words for names, as a DataFrame of `predict_proba` has."""
    numbers = [name for name in lookup.names if PLAIN_NUMBER.fullmatch(name)]
    counted = len(numbers) > 1 and sorted(numbers) == sorted(map(str, range(len(numbers))))
    return sorted(numbers, key=int) if counted and len(numbers) < len(lookup.names) else []


def advise_no_scores(lookup: ColumnLookup, label: str | None, taken: Collection[str | None]) -> str:
    """The hint where no columns are called as scores are."""
    columns = lookup.column_list()
    if lookup.unnamed:
        return f"{_without_names(lookup, label)}; {columns}"
    if no_header := advise_no_header(lookup):
        return f"{no_header}; --prob COL or --logit COL names the scores; {columns}"
    if inside := suggest_scores(lookup, label):
        return f"{inside}; {columns}"
    if numbered := [name for name in _counted(lookup) if name != label and name not in taken]:
        return f"{typed('--prob', list_text(numbered))} --classes A,B,... in the order of these columns; {columns}"
    numeric = columns_of_numbers(lookup, taken)
    like = [name for name in numeric if _SCORE.search(name)]
    like = (
        [name for name in lookup.peek.numeric(like) if _within_0_and_1(lookup, name, whole=False)] if like else []
    )
    if len(like) != 1:
        return f"--prob COL or --logit COL names them; {columns}"
    return f"--prob COL or --logit COL names them, perhaps {typed('--prob', like[0])}; {columns}"


def advise_two_labels(lookup: ColumnLookup, found: Sequence[str]) -> str:
    """Which of two columns is the label: "label" beside "gold" and one score is what the model predicted."""
    others = [name for name in found if name.casefold() != "label"]
    if len(found) == 2 and len(others) == 1 and others[0].casefold() in _TRUE:
        scores = families(lookup.names, found)
        if len(scores) == 1 and len(scores[0].columns) == 1 and not scores[0].nested:
            predicted = next(name for name in found if name != others[0])
            return f"{typed('--label', others[0])} {typed('--predicted', predicted)}, or choose with --label COL"
    return "choose with --label COL"


def advise_predicted(lookup: ColumnLookup, columns: Sequence[str], words: Sequence[str]) -> str:
    """What to type for columns without names of which some hold `words`: a predicted class beside its score?"""
    scores = [name for name in columns if name not in words and _within_0_and_1(lookup, name, whole=False)]
    if len(words) == 1 and len(scores) == 1 and lookup.spec.predicted is None:
        return f"{typed('--prob', scores[0])} {typed('--predicted', words[0])}"
    return f"--prob COL or --logit COL names them; {lookup.column_list()}"


def looks_predicted(name: str) -> bool:
    """Whether a column is called as columns of predicted classes are."""
    return _PREDICTED.search(name) is not None


def _predicted_column(lookup: ColumnLookup) -> str | None:
    """The column that others hold predictions of, by their names: `Play` beside `prediction(Play)`."""
    matches = (_PREDICTION_OF.fullmatch(name) for name in lookup.names)
    found = {of for match in matches if match for of in match.groups() if of in lookup.types}
    return found.pop() if len(found) == 1 else None


def _one_hot(lookup: ColumnLookup) -> str | None:
    """The option for columns of soft labels that are called by the classes of the score columns."""
    found = families(lookup.names, ())
    classes = [of for of in found[0].classes if of is not None] if len(found) == 1 else []
    if len(classes) < 2:
        return None
    others = columns_of_numbers(lookup, found[0].columns)
    sets = [
        (cut, members)
        for cut, members in like_within(lookup, others, classes).items()
        if set(members) == set(classes) and all(_within_0_and_1(lookup, name) for name in members.values())
    ]
    if len(sets) != 1:
        return None
    (before, after), members = sets[0]
    matched = {name for name in lookup.names if name.startswith(before) and name.endswith(after)}
    plain = not re.search(r"[*?\[\]]", before + after) and matched == set(members.values())
    return typed("--target", f"{before}*{after}" if plain else list_text(members.values()))


def _without_names(lookup: ColumnLookup, label: str | None = None) -> str:
    """The options for columns without names, where their values tell the label from the scores."""
    scores = [name for name in lookup.unnamed if name != label and _within_0_and_1(lookup, name, whole=False)]
    others = [name for name in lookup.names if name not in scores and _has_few_values(lookup, name)]
    labels = [label] if label is not None else others
    numbered = "columns without names are called 0, 1, ..."
    if len(labels) != 1 or not scores:
        return f"{numbered}: --label COL and --prob COL name them"
    given = lookup.spec.prob or lookup.spec.logit or lookup.spec.logprob
    chosen = [] if label is not None else [typed("--label", labels[0])]
    chosen += [] if given else [typed("--prob", list_text(sorted(scores, key=int)))]
    return f"{numbered}, perhaps {' '.join(chosen)}"


def _has_few_values(lookup: ColumnLookup, name: str) -> bool:
    return 1 < len(lookup.peek.texts(name)) <= _FEW and not lookup.peek.all_differ(name)


def _within_0_and_1(lookup: ColumnLookup, name: str, *, whole: bool = True) -> bool:
    """Whether the first values of a column could be probabilities; without `whole`, not only 0 and 1."""
    if not lookup.peek.numeric([name]):
        return False
    numbers = [
        float(text.replace(",", ".")) for text in lookup.peek.texts(name) if PLAIN_NUMBER.fullmatch(text.strip())
    ]
    within = bool(numbers) and all(0 <= number <= 1.0001 for number in numbers)
    return within and (whole or any(number not in (0, 1) for number in numbers))
