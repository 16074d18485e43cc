"""Options that change a number or the exit code, drawn for a draft."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

from tests.properties.generating.drafts import Draft
from tests.properties.generating.pools import COUNTED
from tests.reference.layout import Options, Requirement
from tests.values import replace

CLIPS = (1e-15, 1e-7, 0.01, 0.3, 1e-300)
SMOOTHINGS = (0.1, 0.01, 0.5, 1e-9)
TOLERANCES = (0.0, 0.001, 0.05, 0.3)
FACTORS = (2.0, 0.5, 1e-3, 10.0, 0.0)
LIMITS = (0.1, 0.3, 0.6931, 1.0, 5.0)


def draw_options(rng: Random, draft: Draft) -> Options:
    """Options that suit the draft, whose arguments they are added to."""
    options = draw_row_options(rng, draft)
    if rng.random() < 0.2:
        options = replace(options, unit=rng.choice(("bits", "bans")))
        draft.arguments += ["--unit", options.unit]
    if rng.random() < 0.2:
        options = replace(options, breakdown=False)
        draft.arguments.append("--no-breakdown")
    if named_plainly(draft) and rng.random() < 0.08:
        parts = [rng.random() + 0.1 for _ in draft.classes]
        prior = {name: part / math.fsum(parts) for name, part in zip(draft.classes, parts, strict=True)}
        options = replace(options, prior=prior)
        draft.arguments += ["--prior", pairs(prior)]
    if rng.random() < 0.25:
        options = draw_requirements(rng, draft, options)
    draft.arguments += ["--threads", rng.choice(("1", "1", "1", "2"))]
    return options


def draw_row_options(rng: Random, draft: Draft) -> Options:
    """Options that change which rows count, and how much."""
    arguments, options = draft.arguments, Options()
    if rng.random() < 0.12:
        options = replace(options, clip=rng.choice(CLIPS))
        arguments += ["--clip", repr(options.clip)]
    if draft.kind != "logit" and rng.random() < 0.1:
        options = replace(options, normalize=True)
        arguments.append("--normalize")
    if draft.kind != "logit" and rng.random() < 0.08:
        options = replace(options, sum_tolerance=rng.choice(TOLERANCES))
        arguments += ["--sum-tolerance", repr(options.sum_tolerance)]
    if rng.random() < 0.2:
        options = replace(options, skip=True)
        arguments += ["--missing", "skip"]
    if rng.random() < 0.1:
        value = rng.choice((draft.classes[0], draft.classes[0], other_spelling(draft.classes[0]), "zzz"))
        options = replace(options, ignore=(value,))
        arguments += ["--ignore-label", value]
    if named_plainly(draft) and rng.random() < 0.12:
        names = rng.sample(draft.classes, rng.randint(1, len(draft.classes)))
        options = replace(options, class_weights={name: rng.choice(FACTORS) for name in names})
        arguments += ["--class-weight", pairs(options.class_weights)]
    if rng.random() < (0.01 if options.class_weights else 0.1):
        options = replace(options, smoothing=rng.choice(SMOOTHINGS))
        arguments += ["--label-smoothing", repr(options.smoothing)]
    return options


def draw_requirements(rng: Random, draft: Draft, options: Options) -> Options:
    """Requirements, tested at a confidence or not."""
    required = [Requirement("log_loss", rng.choice(("<=", ">=", "<", ">")), rng.choice(LIMITS))]
    if options.skip and rng.random() < 0.7:
        required.append(Requirement("skipped_rows", "<=", rng.choice((0, 1, 20))))
    if rng.random() < 0.3:
        required.append(Requirement("infinite_rows", "==", 0))
    if rng.random() < 0.3:
        required.append(Requirement("rows", ">=", rng.choice((1, 3, 10))))
    required += draw_selected(rng, draft)
    for each in required:
        draft.arguments += ["--require", str(each)]
    confidence = None
    names = {each.name for each in required}
    if (
        rng.random() < 0.4
        and required[0].operator in ("<=", ">=")
        and names.isdisjoint(("accuracy", "brier", "recall"))
    ):
        confidence = rng.choice((0.9, 0.95, 0.6))
        draft.arguments += ["--confidence", repr(confidence)]
    return replace(options, requirements=tuple(required), confidence=confidence)


def draw_selected(rng: Random, draft: Draft) -> list[Requirement]:
    """Requirements about shares of rows, one class or one slice."""
    found = []
    comparison, limit = rng.choice(("<=", ">=")), rng.choice((0.2, 0.5, 0.9))
    if rng.random() < 0.2:
        found.append(Requirement(rng.choice(("accuracy", "brier")), comparison, limit))
    if (draft.classes_given or not draft.single) and rng.random() < 0.25:
        name = rng.choice(("recall", "log_loss"))
        found.append(Requirement(name, comparison, limit, of_class=rng.choice(draft.classes)))
    if draft.by is not None and rng.random() < 0.5:
        value = rng.choice(draft.rows).keys[draft.by]
        if value is not None:
            found.append(Requirement("log_loss", comparison, limit, of_slice=(draft.by, value)))
    return found


def named_plainly(draft: Draft) -> bool:
    """Whether the classes can stand in a list of NAME=NUMBER, and the classes of a single score are known."""
    known = not draft.single or draft.classes_given or draft.classes == COUNTED[:2]
    return known and all(name == name.strip() and not set('=,"\r\n') & set(name) for name in draft.classes)


def other_spelling(name: str) -> str:
    """Another spelling of the same class, where there is one."""
    if name.casefold() in ("true", "false"):
        return name.swapcase()
    return f"{name}.0" if name.lstrip("-").isdecimal() else name


def pairs(values: Mapping[str, float]) -> str:
    """NAME=NUMBER, ..."""
    return ",".join(f"{name}={value!r}" for name, value in values.items())
