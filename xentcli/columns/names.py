"""Column names that say what a column holds, and which class it is of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from xentcli.core.batch import InputKind

LABEL_NAMES = ("label", "target", "y", "y_true", "truth", "actual", "class", "gold", "obs")
SINGLE_NAMES = ("prob", "p", "proba", "probability", "score", "y_prob", "y_score", "logit")
LIST_NAMES = {
    "probs": InputKind.PROBABILITY,
    "probabilities": InputKind.PROBABILITY,
    "logits": InputKind.LOGIT,
    "log_probs": InputKind.LOG_PROBABILITY,
}
_KINDS = {
    "prob": InputKind.PROBABILITY,
    "p": InputKind.PROBABILITY,
    "proba": InputKind.PROBABILITY,
    "logit": InputKind.LOGIT,
    "logprob": InputKind.LOG_PROBABILITY,
}
_WORD = "(prob|p|proba|logit|logprob)"
_PREFIX = re.compile(rf"{_WORD}(?:[_. ](.+)|(\d++))", re.I | re.S)
_SUFFIX = re.compile(rf"(.+)[_. ]{_WORD}", re.I | re.S)


class Family(Struct, frozen=True):
    """Score columns that belong together, and the class that each one's name gives (None: it gives none)."""

    kind: InputKind
    columns: tuple[str, ...]
    classes: tuple[str | None, ...]
    nested: bool = False  # one column that holds a list or a struct a row
    starred: tuple[str, ...] = ()  # what the star stands for in columns that a pattern found, if it found them all


def named_like_label(names: Iterable[str]) -> list[str]:
    """The columns that could be the label by their names."""
    return [name for name in names if name.casefold() in LABEL_NAMES]


def class_in(name: str) -> str | None:
    """The class in a column's name: `prob_cat`, `p.cat`, `p0`, `cat_prob`; None if there is none."""
    if match := _PREFIX.fullmatch(name):
        return match[2] or match[3]
    match = _SUFFIX.fullmatch(name)
    return match[1] if match and name.casefold() not in SINGLE_NAMES else None


def has_score_prefix(name: str) -> bool:
    """Whether a name begins as those of score columns do: `prob_cat`, `p0`."""
    return _PREFIX.fullmatch(name) is not None


def families(names: Sequence[str], taken: Collection[str | None]) -> list[Family]:
    """All sets of score columns among `names` that their names tell, without the columns already `taken`."""
    free = [name for name in names if name not in taken]
    return [*_by_class(free), *_nested(free), *_single(free)]


def _by_class(names: Sequence[str]) -> list[Family]:
    groups: dict[tuple[str, bool], list[tuple[str, str]]] = {}
    for name in names:
        if name.casefold() in SINGLE_NAMES or name.casefold() in LIST_NAMES:
            continue
        if match := _PREFIX.fullmatch(name):
            groups.setdefault((match[1].casefold(), True), []).append((name, match[2] or match[3]))
        elif match := _SUFFIX.fullmatch(name):
            groups.setdefault((match[2].casefold(), False), []).append((name, match[1]))
    return [
        Family(_KINDS[word], tuple(name for name, _ in members), tuple(each for _, each in members))
        for (word, _), members in groups.items()
    ]


def _nested(names: Sequence[str]) -> list[Family]:
    found = [name for name in names if name.casefold() in LIST_NAMES]
    return [Family(LIST_NAMES[name.casefold()], (name,), (None,), nested=True) for name in found]


def _single(names: Sequence[str]) -> list[Family]:
    found = [name for name in names if name.casefold() in SINGLE_NAMES]
    logit, probability = InputKind.LOGIT, InputKind.PROBABILITY
    return [Family(logit if name.casefold() == "logit" else probability, (name,), (None,)) for name in found]
