"""Column names that say what a column holds, and which class it is of."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from msgspec import Struct

from xentcli.core.batch import InputKind

LABEL_NAMES = ("label", "target", "y", "y_true", "truth", "actual", "class", "gold", "obs")
MORE_LABEL_NAMES = ("labels", "label_ids", "y_test", "true")  # where there is none of the others
_PROBABILITY, _LOGIT, _LOG_PROBABILITY = InputKind.PROBABILITY, InputKind.LOGIT, InputKind.LOG_PROBABILITY
SINGLE_NAMES = {
    **dict.fromkeys(("prob", "p", "proba", "probability", "score", "y_prob", "y_score"), _PROBABILITY),
    "logit": _LOGIT,
}
_LIST_NAMES = {
    "probs": _PROBABILITY,
    "probabilities": _PROBABILITY,
    "logits": _LOGIT,
    "log_probs": _LOG_PROBABILITY,
}
_MORE_LIST_NAMES = dict.fromkeys(("predictions", "probability"), _PROBABILITY)  # likewise
_AFFIXES = {**dict.fromkeys(("prob", "p", "proba"), _PROBABILITY), "logit": _LOGIT, "logprob": _LOG_PROBABILITY}
_AFFIX = f"({'|'.join(_AFFIXES)})"
_THIRD_NAMES = ("y_proba", "y_pred_proba", "y_pred_prob", "yhat_prob")  # of one score, where there is no other
PLAIN_NUMBER = re.compile(
    r"[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+"
)  # what data looks like in place of a name
_PREFIX = re.compile(rf"{_AFFIX}(?:[_. ](.+)|(\d++))", re.I | re.S)
_SUFFIX = re.compile(rf"(.+)[_. ]{_AFFIX}", re.I | re.S)


class Family(Struct, frozen=True):
    """Score columns that belong together, and the class that each one's name gives (None: it gives none)."""

    kind: InputKind
    columns: tuple[str, ...]
    classes: tuple[str | None, ...]
    nested: bool = False  # one column that holds a list or a struct a row
    readings: tuple[tuple[str, ...], ...] = ()  # other classes that the names may mean, the likeliest first
    stated: bool = False  # the classes were said, column by column
    counted: bool = False  # columns without names are in the order of their classes


def label_candidates(names: Iterable[str]) -> list[str]:
    """The columns that could be the label by their names."""
    return [name for name in names if name.casefold() in LABEL_NAMES]


def more_label_candidates(names: Iterable[str]) -> list[str]:
    """Likewise by names that count only where nothing else does."""
    return [name for name in names if name.casefold() in MORE_LABEL_NAMES]


def class_in(name: str) -> str | None:
    """The class in a column's name: `prob_cat`, `p.cat`, `p0`, `cat_prob`; None if there is none."""
    if match := _PREFIX.fullmatch(name):
        return match[2] or match[3]
    match = _SUFFIX.fullmatch(name)
    return match[1] if match and name.casefold() not in SINGLE_NAMES else None


def kind_by_name(columns: Sequence[str]) -> InputKind | None:
    """The kind that the names of some score columns begin or end with; None where they do not agree on one."""
    words = {**_AFFIXES, **_LIST_NAMES, **SINGLE_NAMES}
    found = {
        next((kind for word, kind in words.items() if _has_word(name.casefold(), word)), None) for name in columns
    }
    return found.pop() if len(found) == 1 else None


def _has_word(name: str, word: str) -> bool:
    return (
        name == word
        or (name.startswith(word) and name[len(word)] in "_. ")
        or (name.endswith(word) and name[-len(word) - 1] in "_. ")
    )


def is_third_name(name: str) -> bool:
    """Whether a column is called as one score is, though the name might also hold a class: `y_proba`."""
    return name.casefold() in _THIRD_NAMES


def has_score_prefix(name: str) -> bool:
    """Whether a name begins as those of score columns do: `prob_cat`, `p0`."""
    return _PREFIX.fullmatch(name) is not None


def families(
    names: Sequence[str], taken: Collection[str | None], is_nested: Callable[[str], bool] = lambda name: False
) -> list[Family]:
    """All sets of score columns among `names` that their names tell, without the columns already `taken`.

    A list called as its kind, or as one score is, counts only where nothing else is found.
    """
    by_class: dict[tuple[str, bool], list[tuple[str, str]]] = {}
    lists, singles, more = [], [], []
    for name in names:
        folded = name.casefold()
        if name in taken:
            continue
        if folded in _LIST_NAMES:
            lists.append(Family(_LIST_NAMES[folded], (name,), (None,), nested=True))
        elif folded in _MORE_LIST_NAMES and is_nested(name):
            more.append(Family(_MORE_LIST_NAMES[folded], (name,), (None,), nested=True))
        elif folded in SINGLE_NAMES:
            singles.append(Family(SINGLE_NAMES[folded], (name,), (None,)))
        elif match := _PREFIX.fullmatch(name):
            by_class.setdefault((match[1].casefold(), True), []).append((name, match[2] or match[3]))
        elif match := _SUFFIX.fullmatch(name):
            by_class.setdefault((match[2].casefold(), False), []).append((name, match[1]))
    found = [
        Family(_AFFIXES[affix], tuple(name for name, _ in members), tuple(of for _, of in members))
        for (affix, _), members in by_class.items()
    ]
    third = [each for each in found if len(each.columns) == 1 and is_third_name(each.columns[0])]
    return [*(each for each in found if each not in third), *lists, *singles] or more or third
