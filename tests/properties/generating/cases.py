"""A case: an input, arguments, and what the oracle has to know to judge the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.properties.generating.drafts import Draft, choose, draw_draft
from tests.properties.generating.options import draw_options
from tests.properties.generating.stores import draw_store
from tests.properties.generating.texts import draw_delimited, draw_json_lines
from tests.properties.generating.written import Written
from tests.reference.layout import Form, Layout, Options, Question

PRINTED = {"json": 82, "table": 8, "csv": 5, "markdown": 5}


@dataclass(frozen=True)
class Case:
    """A run of `xent score FILE ARGUMENTS`, or of `xentcli.score` where `call` holds its arguments."""

    seed: str
    number: int
    arguments: tuple[str, ...]
    printed: str  # what --format says
    written: Written
    question: Question
    call: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"seed {self.seed}, case {self.number}"

    @property
    def replay(self) -> str:
        """The command that runs this case alone."""
        return f"python -m tests.properties.generating --seed {self.seed} --only {self.number}"


def generate(seed: str, number: int) -> Case:
    """Case `number` of a seed: always the same."""
    rng = Random(f"{seed}/{number}")
    draft = draw_draft(rng)
    options = draw_options(rng, draft)
    printed = choose(rng, PRINTED)
    if draft.container == "csv":
        written = draw_delimited(rng, draft)
    elif draft.container == "jsonl":
        written = draw_json_lines(rng, draft)
    else:
        written = draw_store(rng, draft)
    arguments = (*draft.arguments, "--format", printed)
    return Case(seed, number, arguments, printed, written, question_of(draft, options, written))


def question_of(draft: Draft, options: Options, written: Written) -> Question:
    """What the oracle is asked."""
    form: Form = "csv" if draft.container == "csv" else "jsonl" if draft.container == "jsonl" else "rows"
    layout = Layout(
        form=form,
        kind=draft.kind,
        style=draft.style,
        classes=draft.classes,
        label=draft.label,
        scores=draft.scores,
        header=written.header,
        explicit=frozenset(draft.explicit),
        single=draft.single,
        classes_given=draft.classes_given,
        weight=draft.weight,
        cluster=draft.cluster,
        by=draft.by,
        delimiter=written.delimiter,
        decimal=written.decimal,
    )
    return Question(layout, options, written.data, written.rows, bool(written.mutations))
