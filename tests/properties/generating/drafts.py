"""A table of predictions before it is written: classes, columns, rows, and the arguments that tell them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeVar

from tests.properties.generating.pools import COUNTED, NAMES, PAIRS, PLAIN, TWINS
from tests.properties.generating.scores import draw_scores, draw_weights
from tests.reference.layout import Style
from tests.reference.names import FAMILIES, LABELS, LISTS, may_be_found

Container = Literal["csv", "jsonl", "parquet", "arrow", "npz", "table", "arrays"]
CONTAINERS: dict[Container, int] = {
    "csv": 56, "jsonl": 15, "parquet": 10, "arrow": 4, "npz": 5, "table": 6, "arrays": 4,
}  # fmt: skip
KINDS = {"probability": 55, "logit": 35, "log_probability": 10}
STYLES: dict[Style, int] = {"family": 45, "explicit": 30, "list": 15, "struct": 5, "named": 5}
SIZES = (1, 2, 3, 4, 5, 8, 12, 20)
SCORE_OPTIONS = {"probability": "--prob", "logit": "--logit", "log_probability": "--logprob"}
ODD_SCORES = (None, math.nan, math.inf, -math.inf, -0.5, 1.5, 1 + 5e-7, -5e-7, -0.0, 1e300)

T = TypeVar("T")


@dataclass
class DraftRow:
    """A row; None is a hole. `keys` are the values of the columns that are neither label, score nor weight."""

    label: str | None
    scores: list[float | None]
    weight: float | None = None
    keys: dict[str, str | None] = field(default_factory=dict)


@dataclass
class Draft:
    """What is drawn so far; `arguments` tell the columns on the command line."""

    container: Container
    kind: str
    style: Style
    single: bool
    classes: tuple[str, ...]
    label: str = "label"
    scores: tuple[str, ...] = ()
    rows: list[DraftRow] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    explicit: set[str] = field(default_factory=set)
    classes_given: bool = False
    weight: str | None = None
    cluster: str | None = None
    by: str | None = None

    @property
    def columns(self) -> list[str]:
        """All columns, in the order in which they are written at first."""
        keys = list(self.rows[0].keys)
        return [self.label, *self.scores, *([self.weight] if self.weight else []), *keys]

    @property
    def listed(self) -> bool:
        """Whether one column holds all scores of a row."""
        return self.style in ("list", "struct")

    def ask(self, option: str, column: str) -> None:
        """Name a column by an option."""
        self.arguments += [option, column]
        self.explicit.add(column)

    def give_classes(self) -> None:
        """Name the classes, and with a single score the positive one."""
        self.arguments += ["--classes", ",".join(map(in_quotes, self.classes))]
        self.classes_given = True
        if self.single:
            self.arguments += ["--positive", self.classes[1]]


def in_quotes(name: str) -> str:
    """A name as an item of a comma list."""
    return '"' + name.replace('"', '""') + '"'


def choose(rng: Random, weights: Mapping[T, int]) -> T:
    """One of the keys, as often as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]


def draw_draft(rng: Random) -> Draft:
    """A table of any form, with columns that are told by any of the ways there are."""
    container, kind = choose(rng, CONTAINERS), choose(rng, KINDS)
    size = rng.choices((1, 2, 3, 4, 5, 6), (20, 30, 20, 12, 10, 8))[0]
    single = size == 1
    classes = draw_classes(rng, max(size, 2), single)
    style = possible_style(choose(rng, STYLES), container, kind, single, classes)
    draft = Draft(container, kind, style, single, classes)
    if container not in ("npz", "arrays") and rng.random() < 0.5:
        draft.label = rng.choice(LABELS)
    draw_columns(rng, draft)
    draw_rows(rng, draft)
    draw_keys(rng, draft)
    draw_holes(rng, draft)
    return draft


def draw_classes(rng: Random, size: int, single: bool) -> tuple[str, ...]:
    """Names of classes: odd ones, twins, letters or numbers."""
    luck = rng.random()
    if luck < 0.05:
        twins = rng.choice(TWINS)
        return (*twins, *PLAIN)[:size]
    if luck < 0.32:
        return tuple(rng.sample(NAMES, size))
    if single:
        return rng.choice(PAIRS)
    return (PLAIN if luck < 0.72 else COUNTED)[:size]


def possible_style(style: Style, container: Container, kind: str, single: bool, classes: tuple[str, ...]) -> Style:
    """The style, or one that this container, kind and these classes can have."""
    if container in ("npz", "arrays"):
        return "explicit" if single else "list"
    if single and style in ("list", "struct", "named"):
        return "explicit"
    if style == "struct" and container in ("csv", "jsonl"):
        return "family"
    confusing = kind != "probability" or any(map(may_be_found, classes))
    if style == "named" and (confusing or len(set(map(str.casefold, classes))) < len(classes)):
        return "family"
    return style


def draw_columns(rng: Random, draft: Draft) -> None:
    """Names of the score columns, and what tells them."""
    ordered = draft.style in ("family", "named") and not draft.single and rng.random() < 0.12
    if ordered:
        draft.classes = tuple(rng.sample(draft.classes, len(draft.classes)))
    own = draft.classes[1:] if draft.single else draft.classes
    if draft.style == "family":
        prefix = rng.choice(FAMILIES[draft.kind])
        draft.scores = tuple(prefix + name for name in own)
        if draft.single and rng.random() < 0.5:
            draft.arguments += ["--positive", draft.classes[1]]
    elif draft.style == "named":
        draft.scores = draft.classes
    elif draft.listed:
        draft.scores = (LISTS[draft.kind],)
    else:
        form = "s{}" if rng.random() < 0.8 else "col {}"
        draft.scores = (
            (LISTS[draft.kind],) if draft.container == "npz" else tuple(map(form.format, range(len(own))))
        )
        for name in draft.scores:
            draft.ask(SCORE_OPTIONS[draft.kind], name)
    counted = draft.classes == COUNTED[: len(draft.classes)]
    told = draft.style in ("family", "named", "struct") or (counted and (draft.single or draft.style == "list"))
    if ordered or not told or (draft.style in ("explicit", "list") and rng.random() < 0.3):
        draft.give_classes()
    if draft.container not in ("npz", "arrays") and (draft.style == "explicit" or rng.random() < 0.3):
        draft.ask("--label", draft.label)


def draw_rows(rng: Random, draft: Draft) -> None:
    """Labels and scores; the largest score is often that of the label."""
    count, extreme = rng.choice(SIZES), rng.random() < 0.35
    size = len(draft.classes)
    seen = draft.classes if rng.random() < 0.8 else tuple(rng.sample(draft.classes, rng.randint(1, size)))
    for _ in range(count):
        label = rng.choice(seen)
        scores = draw_scores(rng, draft.kind, 1 if draft.single else size, extreme)
        if not draft.single and rng.random() < 0.6:
            k, top = draft.classes.index(label), scores.index(max(scores))
            scores[k], scores[top] = scores[top], scores[k]
        draft.rows.append(DraftRow(label, list(scores)))
    if draft.style == "family" and draft.kind == "logit" and not draft.single and rng.random() < 0.9:
        for row, name in zip(draft.rows, draft.classes, strict=False):
            row.label = name


def draw_keys(rng: Random, draft: Draft) -> None:
    """Columns of weights, slices, clusters, and one that is of no use."""
    if rng.random() < 0.3:
        draft.weight = "w"
        draft.explicit.add("w")
        if draft.container != "arrays":
            draft.arguments += ["--weight", "w"]
        for row, weight in zip(draft.rows, draw_weights(rng, len(draft.rows)), strict=True):
            row.weight = weight
    if draft.container in ("npz", "arrays"):
        return
    if rng.random() < 0.2:
        draft.by = "site"
        draft.ask("--by", "site")
        values = [*rng.sample(NAMES, 3), None]
        for row in draft.rows:
            row.keys["site"] = rng.choice(values)
    if rng.random() < 0.14:
        draft.cluster = "user"
        draft.ask("--cluster", "user")
        for row in draft.rows:
            row.keys["user"] = f"u{rng.randrange(max(1, len(draft.rows) // 2))}"
    if rng.random() < 0.2:
        for row in draft.rows:
            row.keys["note"] = rng.choice(NAMES)


def draw_holes(rng: Random, draft: Draft) -> None:
    """A score that is missing or none, a label of no class or of another spelling, labels that are numbers."""
    classes = draft.classes
    if rng.random() < 0.15:
        row = rng.choice(draft.rows)
        odd = rng.choice(ODD_SCORES)
        row.scores[rng.randrange(len(row.scores))] = 0.5 if odd is None and draft.style == "named" else odd
    if rng.random() < 0.06:
        odd_labels = (None, "zzz", classes[0] + " ", classes[0].upper(), classes[0].title(), "1.0", "0.0", "01")
        rng.choice(draft.rows).label = rng.choice(odd_labels)
    if draft.classes_given and rng.random() < 0.2:
        for row in draft.rows:
            if row.label in classes and not any(name.lstrip("+-").isdecimal() for name in classes):
                row.label = str(classes.index(row.label)) + rng.choice(("", "", "", ".0"))
